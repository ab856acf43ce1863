//! Prints `schema.ts`: how what core serialises is laid out, its defaults, its presets, and the TypeScript types of it.
//!
//! Everything is asked of core itself, so that nothing has to be kept equal by hand.

#![expect(clippy::print_stdout, reason = "the schema is printed")]

use std::{any::type_name, collections::BTreeMap, fmt::Write as _};

use anyhow::{Context as _, Result, anyhow, bail};
use drift_sre::{
    AdaptiveConfig, Aspect, Baseline, Cause, ChartConfig, Cusum, Decision, Detector, Direction, Error, Event,
    Evidence, Ewma, Exit, Exponential, Fired, Fixed, Forgetting, Interval, Kind, Law, Learning,
    MonitorConfig, Outage, Outliers, PageHinkley, Phase, PhaseKind, Preset, RecordConfig, RecordProfile,
    Rolling, RunRule, Scale, ScenarioConfig, ScenarioPreset, Season, Seasonality, Severity, Sides, State,
    Transform, Trend, WindowShift, ZScore,
};
use drift_sre_wasm::{SIZE, Told};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use serde_reflection::{
    ContainerFormat, Format, Named, Registry, Samples, Tracer, TracerConfig, VariantFormat,
};

/// Reads a value as core would, and writes it again with every default filled in.
type Reread = fn(Value) -> Option<Value>;

fn reread<T: DeserializeOwned + Serialize>(value: Value) -> Option<Value> {
    serde_json::to_value(serde_json::from_value::<T>(value).ok()?).ok()
}

/// Traces every type that crosses, and tells how each is read.
fn trace() -> Result<(Registry, BTreeMap<&'static str, Reread>)> {
    let (mut tracer, samples) = (Tracer::new(TracerConfig::default()), Samples::new());
    let mut readers = BTreeMap::new();
    macro_rules! trace {
        ($($name:ident),+ $(,)?) => {$(
            tracer.trace_type::<$name>(&samples).map_err(|error| anyhow!("{}: {error:?}", stringify!($name)))?;
            readers.insert(type_name::<$name>().rsplit("::").next().unwrap_or_default(), reread::<$name> as Reread);
        )+};
    }
    // Enums come before what holds them: all of their variants are seen only by themselves.
    trace!(Transform, Sides, Learning, Kind, Cause, Aspect, Direction, Severity, PhaseKind, State, Law);
    trace!(Scale, Seasonality, Exit, Baseline, Detector);
    trace!(Exponential, Rolling, Fixed, Forgetting, PageHinkley, ZScore, Cusum, Ewma, WindowShift, Trend);
    trace!(RunRule, Decision, MonitorConfig, ChartConfig, AdaptiveConfig);
    trace!(Phase, Season, Outliers, Outage, ScenarioConfig);
    trace!(Fired, Evidence, Event, Interval, Told);
    Ok((tracer.registry().map_err(|error| anyhow!("{error:?}"))?, readers))
}

fn main() -> Result<()> {
    let (registry, readers) = trace()?;
    let mut schema = Map::new();
    let mut types = String::new();
    for (name, container) in &registry {
        let read = readers.get(name.as_str()).with_context(|| format!("{name} is not in the list"))?;
        let (laid_out, declared) = describe(&registry, name, container, *read)?;
        schema.insert(name.clone(), laid_out);
        writeln!(types, "export {declared}\n")?;
    }
    let profiles = RecordProfile::ALL.map(RecordProfile::name);
    writeln!(types, "export type RecordProfile = \"{}\";\n", profiles.join("\" | \""))?;
    writeln!(types, "export interface RecordConfig {}\n", settings(&json!(RecordConfig::default()))?)?;
    let presets = Preset::ALL.map(|preset| (preset.name().to_owned(), json!(preset.config())));
    let scenarios = ScenarioPreset::ALL.map(|preset| (preset.name().to_owned(), json!(preset.config())));
    let names =
        |names: &[&str]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" | ");
    println!("// What core serialises, its presets and its types: written by examples/schema.rs.\n");
    println!("import type {{ Schema }} from \"../codec.js\";\n");
    print!("{types}");
    println!("export type PresetName = {};\n", names(&Preset::ALL.map(Preset::name)));
    println!("export type ScenarioPresetName = {};\n", names(&ScenarioPreset::ALL.map(ScenarioPreset::name)));
    println!(
        "export const presets: Readonly<Record<PresetName, MonitorConfig>> = {};\n",
        Value::Object(Map::from_iter(presets))
    );
    println!(
        "export const scenarioPresets: Readonly<Record<ScenarioPresetName, ScenarioConfig>> = {};\n",
        Value::Object(Map::from_iter(scenarios))
    );
    println!("/** Where a series stands; a batch tells positions in this list. */");
    println!("export const STATES = {} as const satisfies readonly State[];\n", json!(State::ALL));
    println!("/** So many samples cross at once. */");
    println!("export const SIZE = {SIZE};\n");
    println!("/** Every code of core's errors. */");
    println!("export const CORE_CODES = {} as const;\n", json!(Error::CODES));
    println!("/** Their sentences, with the names of what is filled in. */");
    println!("export const CORE_SENTENCES = {} as const;\n", Value::Object(sentences().collect()));
    println!("/** Types by name: fields or variants in their order; `?` is an option, `*` a sequence. */");
    println!("export const schema: Schema = {};", Value::Object(schema));
    Ok(())
}

/// What every error says, with names for what `wire.rs` hands over.
fn sentences() -> impl Iterator<Item = (String, Value)> {
    let (value, limit) = (253, 254);
    let errors = [
        Error::OutOfRange { field: "{field}", value: f64::from(value), wanted: "{wanted}" },
        Error::SnapshotCorrupt,
        Error::SnapshotVersion { found: value, wanted: limit },
        Error::SnapshotMismatch,
        Error::NotCalibrated { needed: u64::from(value) },
        Error::UnknownDetection { id: u64::from(value) },
    ];
    errors.into_iter().map(|error| {
        let text = error.to_string().replace("253", "{value}").replace("254", "{limit}");
        (error.code().to_owned(), json!(text))
    })
}

/// How a container is laid out, and its TypeScript declaration.
fn describe(
    registry: &Registry,
    name: &str,
    container: &ContainerFormat,
    read: Reread,
) -> Result<(Value, String)> {
    let own = typescript_name(name);
    match container {
        ContainerFormat::Struct(fields) => {
            let (laid_out, members) = fields_of(registry, fields, read)?;
            Ok((laid_out, format!("interface {own} {members}")))
        }
        ContainerFormat::Enum(variants) => {
            let (mut laid_out, mut members) = (vec![], vec![]);
            for Named { name: variant, value } in variants.values() {
                let quoted = format!("\"{variant}\"");
                let (layout, member) = match value {
                    VariantFormat::Unit => (Value::Null, quoted),
                    VariantFormat::NewType(inner) => {
                        (json!(code(inner)?), format!("{{ {variant}: {} }}", typescript(inner)?))
                    }
                    VariantFormat::Struct(fields) => {
                        let wrapped = |value: Value| Some(read(json!({ variant: value }))?[variant].clone());
                        let (layout, members) = fields_of(registry, fields, wrapped)?;
                        (layout, format!("{{ {variant}: {members} }}"))
                    }
                    other => bail!("{name}.{variant} is {other:?}, for which there is no layout"),
                };
                laid_out.push(json!([variant, layout]));
                members.push(member);
            }
            Ok((json!({ "variants": laid_out }), format!("type {own} = {};", members.join(" | "))))
        }
        other => bail!("{name} is {other:?}, for which there is no layout"),
    }
}

/// The layout of named fields with the defaults of those that may be left out, and the same as a TypeScript type.
fn fields_of(
    registry: &Registry,
    fields: &[Named<Format>],
    read: impl Fn(Value) -> Option<Value>,
) -> Result<(Value, String)> {
    let whole: Map<String, Value> = fields
        .iter()
        .map(|field| Ok((field.name.clone(), example(registry, &field.value)?)))
        .collect::<Result<_>>()?;
    let (mut laid_out, mut defaults, mut members) = (vec![], Map::new(), String::new());
    let all_defaults = read(json!({}));
    for Named { name, value } in fields {
        laid_out.push(json!([name, code(value)?]));
        let mut without = whole.clone();
        without.remove(name);
        let default = all_defaults.clone().or_else(|| read(Value::Object(without)));
        let optional = if default.is_some() { "?" } else { "" };
        write!(members, "{name}{optional}: {}; ", typescript(value)?)?;
        if let Some(default) = default {
            defaults.insert(name.clone(), default[name].clone());
        }
    }
    Ok((json!({ "fields": laid_out, "defaults": defaults }), format!("{{ {members}}}")))
}

/// The type of settings that cross as JSON, told by their defaults: some have a second name, which tracing cannot tell
/// from a second setting.
fn settings(default: &Value) -> Result<String> {
    Ok(match default {
        Value::Bool(_) => "boolean".into(),
        Value::Number(_) => "number".into(),
        Value::Null => "string | null".into(),
        Value::Array(_) => "string[]".into(),
        Value::String(_) => r#""direct" | "deflate""#.into(),
        Value::Object(fields) => {
            let mut members = String::new();
            for (name, value) in fields {
                write!(members, "{name}?: {}; ", settings(value)?)?;
            }
            format!("{{ {members}}}")
        }
    })
}

/// Some value of a format, as JSON.
fn example(registry: &Registry, format: &Format) -> Result<Value> {
    Ok(match format {
        Format::Bool => json!(false),
        Format::U8 | Format::U32 | Format::U64 => json!(1),
        Format::F64 => json!(1.0),
        Format::Option(_) => Value::Null,
        Format::Seq(_) => json!([]),
        Format::TypeName(name) => match &registry[name] {
            ContainerFormat::Struct(fields) => fields
                .iter()
                .map(|field| Ok((field.name.clone(), example(registry, &field.value)?)))
                .collect::<Result<Map<_, _>>>()?
                .into(),
            ContainerFormat::Enum(variants) => {
                let Named { name, value } = variants.values().next().context("an enum without variants")?;
                match value {
                    VariantFormat::Unit => json!(name),
                    VariantFormat::NewType(inner) => json!({ name: example(registry, inner)? }),
                    VariantFormat::Struct(fields) => {
                        let fields: Map<_, _> = fields
                            .iter()
                            .map(|field| Ok((field.name.clone(), example(registry, &field.value)?)))
                            .collect::<Result<_>>()?;
                        json!({ name: fields })
                    }
                    other => bail!("no example of {other:?}"),
                }
            }
            other => bail!("no example of {other:?}"),
        },
        other => bail!("no example of {other:?}"),
    })
}

/// A format in the schema's short form.
fn code(format: &Format) -> Result<String> {
    Ok(match format {
        Format::Bool => "bool".into(),
        Format::U8 => "u8".into(),
        Format::U32 => "u32".into(),
        Format::U64 => "u64".into(),
        Format::F64 => "f64".into(),
        Format::Option(inner) => format!("?{}", code(inner)?),
        Format::Seq(inner) => format!("*{}", code(inner)?),
        Format::TypeName(name) => name.clone(),
        other => bail!("{other:?} has no short form"),
    })
}

/// A format as a TypeScript type.
fn typescript(format: &Format) -> Result<String> {
    Ok(match format {
        Format::Bool => "boolean".into(),
        Format::U8 | Format::U32 | Format::U64 | Format::F64 => "number".into(),
        Format::Option(inner) => format!("{} | null", typescript(inner)?),
        Format::Seq(inner) => format!("{}[]", typescript(inner)?),
        Format::TypeName(name) => typescript_name(name),
        other => bail!("{other:?} has no type"),
    })
}

/// Detectors' settings are called as the detectors are, which are classes of the package.
fn typescript_name(name: &str) -> String {
    let is_class = Detector::all().any(|detector| format!("{detector:?}").split('(').next() == Some(name));
    if is_class { format!("{name}Config") } else { name.into() }
}
