//! The outcome of a gate as `JUnit` XML: a suite with a test case a service.

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use super::{
    Verdict,
    report::{Report, Service},
};

pub(super) fn write(report: &Report<'_>) -> anyhow::Result<String> {
    let count = |verdict| report.services.iter().filter(|each| each.verdict == verdict).count();
    let (tests, failures) = (report.services.len().to_string(), count(Verdict::Drift).to_string());
    let errors = (count(Verdict::Failed) + count(Verdict::Inconclusive)).to_string();
    let time = format!("{:.3}", report.waited.as_secs_f64());
    let totals = [
        ("name", "drift-sre gate"),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", &errors),
        ("time", &time),
    ];
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element("testsuites").with_attributes(totals).write_inner_content(|writer| {
        writer.create_element("testsuite").with_attributes(totals).write_inner_content(|writer| {
            report.services.iter().try_for_each(|service| test_case(writer, service, &time))
        })?;
        Ok(())
    })?;
    Ok(String::from_utf8(writer.into_inner())? + "\n")
}

fn test_case(writer: &mut Writer<Vec<u8>>, service: &Service<'_>, time: &str) -> std::io::Result<()> {
    let name = allowed(&service.finding.service);
    let case = writer.create_element("testcase").with_attributes([
        ("classname", "drift-sre.gate"),
        ("name", &name),
        ("time", time),
    ]);
    let headline = allowed(&service.headline());
    let details = allowed(&service.details().join("\n"));
    // A gate that cannot say is no pass: a skipped test would be shown as one.
    let element = match service.verdict {
        Verdict::Pass => "system-out",
        Verdict::Drift => "failure",
        Verdict::Inconclusive | Verdict::Failed => "error",
    };
    case.write_inner_content(|writer| {
        let element = writer.create_element(element);
        if service.verdict == Verdict::Pass {
            element.write_text_content(BytesText::new(&format!("{headline}\n{details}")))?;
        } else {
            element
                .with_attributes([("type", service.verdict.name()), ("message", &headline)])
                .write_text_content(BytesText::new(&details))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Text without the characters that XML 1.0 has no way to write, escaped or not.
fn allowed(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if allowed(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}
