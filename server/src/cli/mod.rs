//! The commands of `drift-sre`.

mod console;
mod gate;
mod moment;
mod options;
mod replay;
mod serve;
mod simulate;
mod stop;
mod truth;
pub mod watch;

use std::{io::Write, process::ExitCode};

use clap::{Parser, Subcommand, builder::Styles, error::ErrorKind};

/// Wrong usage, and servers or files that fail. The lower codes are answers.
const FAILED: u8 = 3;
/// What a shell reports of a program that was ended by a pipe nobody reads.
const BROKEN_PIPE: u8 = 141;

const STYLES: Styles = Styles::styled()
    .header(anstyle::AnsiColor::Green.on_default().bold())
    .usage(anstyle::AnsiColor::Green.on_default().bold())
    .literal(anstyle::AnsiColor::Cyan.on_default().bold())
    .placeholder(anstyle::AnsiColor::Cyan.on_default());

#[derive(Parser)]
#[command(name = "drift-sre", version, styles = STYLES, arg_required_else_help = true)]
/// Finds out when metrics stop being what they were: says what changed, by how much and since when
#[command(after_help = "\
Examples:
  drift-sre serve                                  the server, with its dashboard, on this machine
  drift-sre simulate --mode spike --duration 60    does the server notice a spike, and how soon?
  drift-sre gate --service payments --wait 300     in CI: may this deployment go on?
  drift-sre replay latency.csv --preset adaptive   what would have been found in this file?
  drift-sre watch --url http://drift:8000          watch this host

Each command has more to say: drift-sre COMMAND --help")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(Box<serve::Serve>),
    Simulate(simulate::Simulate),
    Gate(gate::Gate),
    Replay(replay::Replay),
    Watch(watch::Watch),
}

/// Runs the command that the program was called with; answers what it exits with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let answer = match cli.command {
        Command::Serve(serve) => serve.run(),
        Command::Simulate(simulate) => simulate.run(),
        Command::Gate(gate) => gate.run(),
        Command::Replay(replay) => replay.run(),
        Command::Watch(watch) => watch.run(),
    };
    answer.map_or_else(|error| failed(&error), ExitCode::from)
}

fn failed(error: &anyhow::Error) -> ExitCode {
    if console::is_broken_pipe(error) {
        return ExitCode::from(BROKEN_PIPE);
    }
    console::complain(&format!("{error:#}"));
    ExitCode::from(FAILED)
}

/// Shows help as it is, and a mistake on one line.
fn usage(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Whoever does not read the help does not miss it.
            let _ = error.print();
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(FAILED)
        }
        _ => {
            console::complain(&one_line(&error.render().to_string()));
            ExitCode::from(FAILED)
        }
    }
}

/// What clap spreads over paragraphs, without its advice on how to ask for help.
fn one_line(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let told = lines.filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    told.collect::<Vec<_>>().join(" ")
}

/// Writes to standard output at once.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_mistake_is_told_on_one_line() {
        let told = |args: &[&str]| {
            let error = Cli::try_parse_from(args).err().expect("a mistake");
            one_line(&error.render().to_string())
        };
        assert_eq!(
            told(&["drift-sre", "simulate", "--mode", "flat"]),
            "invalid value 'flat' for '--mode <MODE>' [possible values: normal, spike, creep]",
        );
        assert_eq!(
            told(&["drift-sre", "gate"]),
            "the following required arguments were not provided: --service <ID>",
        );
        assert_eq!(
            told(&["drift-sre", "simulate", "--rate", "0"]),
            "invalid value '0' for '--rate <RATE>': wanted 0.01 to 10000 samples a second",
        );
    }

    /// The calls of the program in a text, one a line, but for those that a sentence mentions.
    fn calls(text: &str) -> Vec<String> {
        let text = text.replace("\\\n", " ");
        let call = |line: &str| {
            let at = line.find("drift-sre ").filter(|at| !line[..*at].contains('`'))?;
            // A remark stands apart.
            Some(line[at..].split("  ").next().unwrap_or_default().to_owned())
        };
        text.lines().filter_map(call).filter(|call| !call.contains("COMMAND")).collect()
    }

    #[test]
    fn every_example_is_understood() {
        let command = Cli::command();
        let helps =
            command.get_subcommands().chain([&command]).filter_map(|command| command.get_after_help());
        let mut examples: Vec<String> = helps.flat_map(|help| calls(&help.to_string())).collect();
        assert!(examples.len() >= 20, "{examples:?}");
        let documented = calls(include_str!("../../../docs/gate.md"));
        assert_eq!(documented.len(), 4, "{documented:?}");
        examples.extend(documented);
        for example in examples {
            let mistake = Cli::try_parse_from(example.split_whitespace()).err();
            assert!(mistake.is_none(), "{example}: {mistake:?}");
        }
    }

    #[test]
    fn modes_are_read_in_any_case() {
        assert!(Cli::try_parse_from(["drift-sre", "simulate", "--mode", "SPIKE"]).is_ok());
    }
}
