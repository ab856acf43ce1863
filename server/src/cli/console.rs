//! What people see: a line that is rewritten in place, colours, and nothing that a terminal would obey.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
};

use anstyle::{AnsiColor, Style};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const UNSURE: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Text in a style, which is left out again where there is no terminal or colours are not wanted.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Text from elsewhere without the characters that a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// One line on standard error about what went wrong.
pub(crate) fn complain(text: &str) {
    say(&format!("{}: {}", styled(BAD, "error"), plain(text)));
}

/// One line on standard error.
pub(crate) fn say(line: &str) {
    // Where nobody listens there is nobody to tell.
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Whether it is about a reader that went away, such as `head`.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// A line on standard error that says how far it is: in place on a terminal, else a line each time.
pub(crate) struct Progress {
    in_place: bool,
    drawn: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { in_place: io::stderr().is_terminal() && !dumb, drawn: false }
    }

    pub(crate) fn show(&mut self, line: &str) {
        let mut out = io::stderr();
        // As for all that is said on standard error.
        let _ = if self.in_place { write!(out, "\r\x1b[2K{line}") } else { writeln!(out, "{line}") };
        let _ = out.flush();
        self.drawn = true;
    }

    /// Ends the line, so that something else can be written.
    pub(crate) fn end(&mut self) {
        if self.in_place && self.drawn {
            let _ = writeln!(io::stderr());
        }
        self.drawn = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_not_passed_on() {
        assert_eq!(plain("a\x1b[31mb\r\nc"), "a\u{fffd}[31mb\u{fffd}\u{fffd}c");
    }
}
