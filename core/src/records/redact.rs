//! Secrets, which are replaced before anything is kept: by the name of their field, and by what they look like.

use alloc::{borrow::Cow, string::String, vec::Vec};
use core::ops::Range;

/// What stands where a secret was.
pub(crate) const REDACTED: &str = "<redacted>";

/// Names of fields whose values are secret, without case and punctuation.
const SECRETS: [&str; 38] = [
    "accesskey",
    "accountkey",
    "apikey",
    "auth",
    "authorization",
    "authtoken",
    "bearer",
    "cardnumber",
    "ccnumber",
    "clientsecret",
    "connectionstring",
    "cookie",
    "credential",
    "credentials",
    "creditcard",
    "creditcardnumber",
    "csrf",
    "cvc",
    "cvv",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "privatekey",
    "proxyauthorization",
    "pwd",
    "secret",
    "secretkey",
    "sessionid",
    "setcookie",
    "signature",
    "signingkey",
    "socialsecuritynumber",
    "ssn",
    "token",
    "xapikey",
    "xauthtoken",
];

/// A name that ends so is as secret: `db_password`, `csrfToken`.
const ENDINGS: [&str; 7] = ["password", "passwd", "secret", "token", "apikey", "privatekey", "passphrase"];

/// By the last letter of a name, as its low five bits: a bit for each length that a secret's name of that end can have.
const LENGTHS: [u64; 32] = {
    let mut lengths = [0; 32];
    let mut each = 0;
    while each < SECRETS.len() {
        let name = SECRETS[each].as_bytes();
        lengths[(name[name.len() - 1] & 31) as usize] |= 1 << name.len();
        each += 1;
    }
    each = 0;
    while each < ENDINGS.len() {
        let name = ENDINGS[each].as_bytes();
        lengths[(name[name.len() - 1] & 31) as usize] |= u64::MAX << name.len();
        each += 1;
    }
    lengths
};

/// Bytes at which a secret can be told: a sign between a name and its value, within an address, of a number.
const TELLING: [bool; 256] = {
    let mut telling = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        telling[byte] = matches!(byte as u8, b'=' | b':' | b'@' | b'0'..=b'9');
        byte += 1;
    }
    telling
};

/// Values that go on to the end of the line.
const WHOLE_LINE: [&str; 2] = ["cookie", "setcookie"];
/// Values of two words: the scheme and the secret.
const TWO_WORDS: [&str; 4] = ["authorization", "proxyauthorization", "auth", "bearer"];

const LONGEST_NAME: usize = 40;

/// What is secret.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Secrets {
    /// Names the user added, plain.
    more: Vec<String>,
}

/// A name in lower case, without `-`, `_`, `.` and blanks.
struct Plain {
    bytes: [u8; LONGEST_NAME],
    length: usize,
}

impl Plain {
    /// `None` if it is too long or too short for any name of a secret.
    fn of(name: &[u8]) -> Option<Self> {
        let mut plain = Self { bytes: [0; LONGEST_NAME], length: 0 };
        for byte in name.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) {
            *plain.bytes.get_mut(plain.length)? = byte.to_ascii_lowercase();
            plain.length += 1;
        }
        (plain.length >= 3).then_some(plain)
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        names.iter().any(|name| name.as_bytes() == self.bytes())
    }
}

/// Whether a name of the known secrets can be written with this as its last byte: signs in it do not count.
fn is_end(last: u8) -> bool {
    matches!(last, b'_' | b'-' | b'.') || (last.is_ascii_alphabetic() && LENGTHS[usize::from(last & 31)] != 0)
}

impl Secrets {
    pub(crate) fn new(more: &[String]) -> Self {
        let plain = |name: &String| {
            let kept = name.chars().filter(|letter| letter.is_alphanumeric());
            kept.flat_map(char::to_lowercase).collect()
        };
        Self { more: more.iter().map(plain).filter(|name: &String| !name.is_empty()).collect() }
    }

    /// Whether the value of a field of this name is secret.
    pub(crate) fn holds(&self, name: &[u8]) -> bool {
        Plain::of(name).is_some_and(|plain| self.is_secret(&plain))
    }

    fn is_secret(&self, plain: &Plain) -> bool {
        let name = plain.bytes();
        let lengths = name.last().map_or(0, |last| LENGTHS[usize::from(last & 31)]);
        (lengths >> name.len() & 1 == 1
            && (SECRETS.binary_search_by(|secret| secret.as_bytes().cmp(name)).is_ok()
                || ENDINGS.iter().any(|ending| name.ends_with(ending.as_bytes()))))
            || self.more.iter().any(|secret| secret.as_bytes() == name)
    }

    /// The line without its secrets.
    pub(crate) fn redact<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let spans = self.spans(line.as_bytes());
        if spans.is_empty() {
            return Cow::Borrowed(line);
        }
        let (mut clean, mut from) = (String::with_capacity(line.len()), 0);
        for (Range { start, end }, label) in spans {
            clean.push_str(&line[from..start]);
            clean.push_str(label);
            from = end;
        }
        clean.push_str(&line[from..]);
        Cow::Owned(clean)
    }

    /// Where secrets lie, and what to write there; in order, none within another.
    fn spans(&self, line: &[u8]) -> Vec<(Range<usize>, &'static str)> {
        let mut spans: Vec<(Range<usize>, &'static str)> = Vec::new();
        let mut at = 0;
        while let Some(next) = line[at..].iter().position(|byte| TELLING[usize::from(*byte)]) {
            at += next;
            let found = match line[at] {
                b'=' => self.field(line, at).map(|span| (span, REDACTED)),
                b':' if line[at..].starts_with(b"://") => user(line, at + 3).map(|span| (span, REDACTED)),
                b':' => self.field(line, at).map(|span| (span, REDACTED)),
                b'@' => email(line, at).map(|span| (span, "<email>")),
                b'0'..=b'9' => {
                    let digits = digits(line, at);
                    let found = card_or_ssn(line, at, digits);
                    if found.is_none() {
                        // The rest of the run starts no number.
                        at += digits - 1;
                    }
                    found
                }
                _ => None,
            };
            at += 1;
            if let Some((span, label)) = found {
                at = at.max(span.end);
                let free = spans.last().map_or(0, |(last, _)| last.end);
                if span.start >= free {
                    spans.push((span, label));
                }
            }
        }
        spans
    }

    /// The value of the field whose name ends at the sign between them, if it is secret.
    fn field(&self, line: &[u8], sign: usize) -> Option<Range<usize>> {
        let is_name = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || !byte.is_ascii()
        };
        let before = line[..sign].trim_ascii_end();
        let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
        let before = before.strip_suffix(b"\\").unwrap_or(before);
        if self.more.is_empty() && !before.last().is_some_and(|last| is_end(*last)) {
            return None;
        }
        let start = before.iter().rposition(|byte| !is_name(byte)).map_or(0, |last| last + 1);
        let plain = Plain::of(&before[start..])?;
        // A path or a host may end in such a word: only the last part names the field.
        if !self.is_secret(&plain) {
            return None;
        }
        let mut from = sign + 1;
        while line.get(from).is_some_and(u8::is_ascii_whitespace) {
            from += 1;
        }
        if line.get(from) == Some(&b'\\') {
            from += 1;
        }
        let rest = line.get(from..)?;
        let length = match rest.first()? {
            quote @ (b'"' | b'\'') => {
                from += 1;
                quoted(&rest[1..], *quote)
            }
            _ if plain.is_one_of(&WHOLE_LINE) => {
                rest.iter().position(|byte| *byte == b'"').unwrap_or(rest.len())
            }
            _ => {
                let word = value(rest);
                let second = rest.get(word + 1..).unwrap_or_default();
                let two = plain.is_one_of(&TWO_WORDS) && rest.get(word) == Some(&b' ');
                // `Bearer`, `Basic`: a scheme is letters; what follows it is the secret.
                if two && rest[..word].iter().all(u8::is_ascii_alphabetic) {
                    word + 1 + value(second)
                } else {
                    word
                }
            }
        };
        (length > 0 && line[from..from + length] != *REDACTED.as_bytes()).then_some(from..from + length)
    }
}

/// Bytes to the quote that ends, or to the end.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match *byte {
            b'\\'
                if rest.get(at + 1) == Some(&quote)
                    && rest.get(at + 2).is_none_or(|next| !next.is_ascii_alphanumeric()) =>
            {
                return at;
            }
            b'\\' => at += 1,
            byte if byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    rest.len()
}

/// Bytes of a value without quotes.
fn value(rest: &[u8]) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"&,;)]}\"'|".contains(byte);
    rest.iter().position(ends).unwrap_or(rest.len())
}

/// User and password of a URL whose scheme ends here.
fn user(line: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = line.get(from..)?;
    let end = rest.iter().position(|byte| byte.is_ascii_whitespace() || b"/?#\"'<>".contains(byte));
    let authority = &rest[..end.unwrap_or(rest.len())];
    let at = authority.iter().rposition(|byte| *byte == b'@')?;
    authority[..at].contains(&b':').then_some(from..from + at)
}

fn email(line: &[u8], at: usize) -> Option<Range<usize>> {
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
    let is_domain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let start = line[..at].iter().rposition(|byte| !is_local(byte)).map_or(0, |last| last + 1);
    let rest = &line[at + 1..];
    let mut length = rest.iter().position(|byte| !is_domain(byte)).unwrap_or(rest.len());
    while length > 0 && !rest[length - 1].is_ascii_alphanumeric() {
        length -= 1;
    }
    let domain = &rest[..length];
    (start < at && domain.contains(&b'.') && domain[0] != b'.').then_some(start..at + 1 + length)
}

/// Digits from here on.
fn digits(line: &[u8], from: usize) -> usize {
    let rest = &line[from..];
    rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
}

/// A card's number by its check digit, or a social security number by its form.
fn card_or_ssn(line: &[u8], from: usize, run: usize) -> Option<(Range<usize>, &'static str)> {
    let free =
        |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"_-.:/".contains(byte));
    if !matches!(run, 3 | 4 | 13..=19) || !free(from.checked_sub(1).and_then(|before| line.get(before))) {
        return None;
    }
    let ends =
        |end: usize| line.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"_-".contains(byte));
    if run == 3 {
        let groups = [(3, 2), (6, 4)].iter().all(|(dash, count)| {
            let start = from + dash + 1;
            line.get(start - 1) == Some(&b'-') && start < line.len() && digits(line, start) == *count
        });
        return (groups && ends(from + 11)).then_some((from..from + 11, "<ssn>"));
    }
    let (mut number, mut length) = ([0; 19], 0);
    let mut end = from;
    while let Some(byte) = line.get(end) {
        match byte {
            b'0'..=b'9' if length < number.len() => {
                number[length] = byte - b'0';
                length += 1;
            }
            b' ' | b'-' if run == 4 && length % 4 == 0 && length < 16 => {}
            _ => break,
        }
        end += 1;
    }
    while end > from && !line[end - 1].is_ascii_digit() {
        end -= 1;
    }
    let is_card = (13..=19).contains(&length) && (run > 4 || length == 16) && (3..=6).contains(&number[0]);
    (is_card && ends(end) && is_checked(&number[..length])).then_some((from..end, "<card>"))
}

/// Luhn's check: ISO/IEC 7812.
fn is_checked(number: &[u8]) -> bool {
    let digit = |(position, digit): (usize, &u8)| {
        let doubled = u32::from(*digit) << (position % 2);
        if doubled > 9 { doubled - 9 } else { doubled }
    };
    number.iter().rev().enumerate().map(digit).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_searched() {
        assert!(SECRETS.is_sorted());
        let holds = |name: &str| Secrets::default().holds(name.as_bytes());
        assert!(SECRETS.iter().all(|name| holds(&name.to_uppercase())) && !holds("my pin"));
        assert!(ENDINGS.iter().all(|name| holds(&alloc::format!("my-{name}_"))));
    }

    #[test]
    fn secrets_go_and_all_else_stays() {
        let table = [
            ("login user=ada password=hunter2 ok", "login user=ada password=<redacted> ok"),
            ("Failed password for root from 10.0.0.1", "Failed password for root from 10.0.0.1"),
            (r#"{"api_key": "a,b}c", "n": 1}"#, r#"{"api_key": "<redacted>", "n": 1}"#),
            (r#"{"m": "{\"token\": \"xyz\"}"}"#, r#"{"m": "{\"token\": \"<redacted>\"}"}"#),
            ("Authorization: Bearer abc.def==", "Authorization: <redacted>"),
            ("GET /a?x=1&access_token=abc&y=2", "GET /a?x=1&access_token=<redacted>&y=2"),
            ("Cookie: a=b; c=d", "Cookie: <redacted>"),
            ("postgres://ada:pw@db:5432/x", "postgres://<redacted>@db:5432/x"),
            ("http://host/@x:1", "http://host/@x:1"),
            ("dbPassword='a b' next", "dbPassword='<redacted>' next"),
            ("card 4111 1111 1111 1111.", "card <card>."),
            ("card 4111-1111-1111-1112", "card 4111-1111-1111-1112"),
            ("paid 4111111111111111", "paid <card>"),
            ("blk_4111111111111111 x-4111111111111111", "blk_4111111111111111 x-4111111111111111"),
            ("ssn 078-05-1120", "ssn <ssn>"),
            ("mail ada@example.org, done", "mail <email>, done"),
            ("user@host: ok", "user@host: ok"),
            (r#"{"key": 5, "monkey": "b"}"#, r#"{"key": 5, "monkey": "b"}"#),
            ("max_tokens=5 tokens: 7", "max_tokens=5 tokens: 7"),
            ("password=", "password="),
            ("password=\u{e9}t\u{e9} x", "password=<redacted> x"),
        ];
        let secrets = Secrets::default();
        for (line, wanted) in table {
            assert_eq!(secrets.redact(line), wanted);
            assert_eq!(secrets.redact(wanted), wanted, "twice is once");
        }
    }

    #[test]
    fn more_names_can_be_given() {
        let secrets = Secrets::new(&["Trip-Code".into()]);
        assert_eq!(secrets.redact("trip_code=7 code=8"), "trip_code=<redacted> code=8");
    }
}
