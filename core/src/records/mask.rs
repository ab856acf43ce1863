//! What varies from record to record, replaced by what it is: `<time>`, `<address>`, `<number>`.

use alloc::string::String;

use crate::config::MaskConfig;

/// What a token is.
#[derive(Clone, Copy)]
enum Sort {
    Time,
    Uuid,
    Hash,
    Jwt,
    Address,
    Email,
    Url,
    Path,
    Base64,
    Plain,
}

/// What a byte can mean for its token.
const BETWEEN: u8 = 1;
const DIGIT: u8 = 2;
/// Parts of a time, an address, a path, a name in a namespace.
const COLON: u8 = 4;
const SLASH: u8 = 8;
const AT: u8 = 16;
const DOT: u8 = 32;

const MEANINGS: [u8; 256] = {
    let mut meanings = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        meanings[byte] = match byte as u8 {
            0..=b' '
            | b'"'
            | b'\''
            | b'('
            | b')'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'<'
            | b'>'
            | b','
            | b';'
            | b'='
            | b'|' => BETWEEN,
            b'0'..=b'9' => DIGIT,
            b':' => COLON,
            b'/' | b'\\' => SLASH,
            b'@' => AT,
            b'.' => DOT,
            _ => 0,
        };
        byte += 1;
    }
    meanings
};

/// Writes a text with its variable parts replaced.
pub(crate) fn mask(text: &str, config: &MaskConfig, out: &mut String) {
    let bytes = text.as_bytes();
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() {
        let start = at;
        let mut meaning = 0;
        while let Some(byte) = bytes.get(at) {
            let one = MEANINGS[usize::from(*byte)];
            if one == BETWEEN {
                break;
            }
            meaning |= one;
            at += 1;
        }
        // Words need no second look.
        if meaning != 0 {
            out.push_str(&text[copied..start]);
            token(&text[start..at], meaning, config, out);
            copied = at;
        }
        at += 1;
    }
    out.push_str(&text[copied..]);
}

fn token(token: &str, meaning: u8, config: &MaskConfig, out: &mut String) {
    let is_edge = |byte: u8| matches!(byte, b'.' | b':' | b'!' | b'?');
    let body = &token[..token.bytes().rposition(|byte| !is_edge(byte)).map_or(0, |last| last + 1)];
    let sort = if meaning == DIGIT && body.len() < 8 { Sort::Plain } else { sort(body, meaning) };
    let (placeholder, wanted) = match sort {
        Sort::Time => ("<time>", config.timestamps),
        Sort::Uuid => ("<uuid>", config.uuids),
        Sort::Hash => ("<hash>", config.hashes),
        Sort::Jwt => ("<jwt>", config.jwts),
        Sort::Address => ("<address>", config.addresses),
        Sort::Email => ("<email>", config.emails),
        Sort::Url => ("<url>", config.urls),
        Sort::Path => ("<path>", config.paths),
        Sort::Base64 => ("<base64>", config.base64),
        Sort::Plain if config.numbers && meaning & DIGIT != 0 => {
            numbers(token, out);
            return;
        }
        Sort::Plain => ("", false),
    };
    if wanted {
        out.push_str(placeholder);
        out.push_str(&token[body.len()..]);
    } else {
        out.push_str(token);
    }
}

/// What a token is whose bytes mean so much together: only what they can mean is looked for.
fn sort(token: &str, meaning: u8) -> Sort {
    let bytes = token.as_bytes();
    let count = |wanted: u8| bytes.iter().fold(0u32, |count, byte| count + u32::from(*byte == wanted));
    let holds = |signs: u8| meaning & signs == signs;
    if holds(DIGIT) {
        if is_time(bytes) {
            return Sort::Time;
        }
        if is_uuid(bytes) {
            return Sort::Uuid;
        }
        if (32..=128).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_hexdigit) {
            return Sort::Hash;
        }
    }
    if holds(DOT) && bytes.starts_with(b"eyJ") && count(b'.') == 2 {
        return Sort::Jwt;
    }
    if holds(COLON | SLASH) && token.contains("://") {
        return Sort::Url;
    }
    if holds(AT) && count(b'@') == 1 && !bytes.starts_with(b"@") && !bytes.ends_with(b"@") {
        return Sort::Email;
    }
    if (holds(COLON) || holds(DIGIT | DOT)) && is_address(bytes) {
        return Sort::Address;
    }
    if holds(DIGIT) && is_base64(bytes) {
        return Sort::Base64;
    }
    if !holds(SLASH) {
        return Sort::Plain;
    }
    let slashes = count(b'/') + count(b'\\');
    let rooted = bytes.starts_with(b"/") || bytes.get(1..3) == Some(b":\\");
    if slashes > 1 || (rooted && bytes.len() > 1) { Sort::Path } else { Sort::Plain }
}

/// A time of day, or a date with or without one.
fn is_time(token: &[u8]) -> bool {
    let token = token.strip_suffix(b"Z").unwrap_or(token);
    let Some(first) = token.iter().position(|byte| !byte.is_ascii_digit()) else { return false };
    match token[first] {
        b':' => is_clock(token),
        sign @ (b'-' | b'/' | b'.') => {
            let mut groups = token.splitn(3, |byte| *byte == sign);
            let (Some(one), Some(two), Some(three)) = (groups.next(), groups.next(), groups.next()) else {
                return false;
            };
            let run = three.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(three.len());
            let month = matches!(two.len(), 1..=3) && two.iter().all(u8::is_ascii_alphanumeric);
            let lengths = (one.len() == 4 && run <= 2 && run > 0) || (one.len() <= 2 && matches!(run, 2 | 4));
            let rest = &three[run..];
            let clock = match rest.split_first() {
                None => true,
                Some((b'T' | b't' | b':' | b'-' | b'_', clock)) => is_clock(clock),
                Some(_) => false,
            };
            // Four groups with dots are an address.
            month && lengths && clock && (sign != b'.' || one.len() == 4)
        }
        _ => false,
    }
}

/// Hours and minutes, perhaps seconds, parts of them and a zone.
fn is_clock(token: &[u8]) -> bool {
    let mut groups = token.split(|byte| *byte == b':');
    let hours = groups
        .next()
        .is_some_and(|hours| matches!(hours.len(), 1 | 2) && hours.iter().all(u8::is_ascii_digit));
    let mut rest = 0;
    let whole = groups.all(|group| {
        rest += 1;
        group.len() >= 2
            && group.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-' | b'Z'))
    });
    hours && whole && rest > 0 && rest < 5
}

fn is_uuid(token: &[u8]) -> bool {
    token.len() == 36
        && token.iter().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// IPv4 with or without port or mask, IPv6, MAC.
fn is_address(token: &[u8]) -> bool {
    let token = token.strip_prefix(b"/").unwrap_or(token);
    let colons = token.iter().fold(0u32, |count, byte| count + u32::from(*byte == b':'));
    if colons > 1 {
        let hex =
            token.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.' | b'%' | b'/'));
        return hex
            && token.split(|byte| *byte == b':').all(|group| group.len() <= 4 || group.contains(&b'.'));
    }
    let end = token.iter().position(|byte| matches!(byte, b':' | b'/')).unwrap_or(token.len());
    let rest = token.get(end + 1..).unwrap_or_default();
    let mut groups = 0;
    let octets = token[..end].split(|byte| *byte == b'.').all(|group| {
        groups += 1;
        matches!(group.len(), 1..=3) && group.iter().all(u8::is_ascii_digit)
    });
    octets && groups == 4 && rest.iter().all(u8::is_ascii_digit)
}

/// Long, of its alphabet, and besides digits of both cases, as no word is.
fn is_base64(token: &[u8]) -> bool {
    let body = token.trim_ascii_end();
    let of_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    body.len() >= 20
        && body.iter().any(u8::is_ascii_uppercase)
        && body.iter().any(u8::is_ascii_lowercase)
        && body.iter().all(of_alphabet)
        && body.iter().filter(|byte| matches!(byte, b'/' | b'-' | b'_')).count() * 8 < body.len()
}

/// Runs of digits, with sign and fraction, become placeholders.
fn numbers(token: &str, out: &mut String) {
    let bytes = token.as_bytes();
    let hex = token.strip_prefix("0x").or_else(|| token.strip_prefix("0X"));
    if hex.is_some_and(|hex| !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        out.push_str("<number>");
        return;
    }
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let signed = at > copied
            && matches!(bytes[at - 1], b'-' | b'+')
            && (at == 1 || !bytes[at - 2].is_ascii_alphanumeric());
        out.push_str(&token[copied..at - usize::from(signed)]);
        let is_part = |(position, byte): (usize, &u8)| {
            byte.is_ascii_digit()
                || (*byte == b'.' && bytes.get(position + 1).is_some_and(u8::is_ascii_digit))
        };
        while at < bytes.len() && is_part((at, &bytes[at])) {
            at += 1;
        }
        out.push_str("<number>");
        copied = at;
    }
    out.push_str(&token[copied..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str, config: &MaskConfig) -> String {
        let mut out = String::new();
        mask(text, config, &mut out);
        out
    }

    #[test]
    fn each_sort_has_its_placeholder() {
        let table = [
            ("2026-01-12T10:30:45.123Z up", "<time> up"),
            ("2015-07-29 17:41:44,747 - INFO", "<time> <time>,<number> - INFO"),
            ("[10/Oct/2000:13:55:36 -0700]", "[<time> <number>]"),
            ("Jun 14 15:16:01 combo sshd[19939]: x", "Jun <number> <time> combo sshd[<number>]: x"),
            ("2005.11.09 20171223-22:15:29:606", "<time> <number>-<number>:<number>:<number>:<number>"),
            ("id 123e4567-e89b-12d3-a456-426614174000.", "id <uuid>."),
            ("d41d8cd98f00b204e9800998ecf8427e", "<hash>"),
            ("t=eyJhbGci.eyJzdWIi.sig_x", "t=<jwt>"),
            ("from 10.0.0.7:8080 to /10.1.2.3", "from <address> to <address>"),
            ("fe80::1 00:1b:44:11:3a:b7", "<address> <address>"),
            ("ada@example.org https://x.y/z?q=1", "<email> <url>=<number>"),
            ("/var/log/x.log C:\\a\\b", "<path> <path>"),
            ("SGVsbG8gV29ybGQgMTIzNDU2Nzg5MA==", "<base64>=="),
            ("blk_-1608 took -3.5ms 0x1F v2", "blk_<number> took <number>ms <number> v<number>"),
            ("\u{e9}t\u{e9}9 \u{4f60}1", "\u{e9}t\u{e9}<number> \u{4f60}<number>"),
            ("plain words, stay.", "plain words, stay."),
        ];
        for (text, wanted) in table {
            assert_eq!(masked(text, &MaskConfig::default()), wanted);
        }
    }

    #[test]
    fn each_can_be_left_as_it_is() {
        let all = MaskConfig::default();
        let text = "10:30:45 123e4567-e89b-12d3-a456-426614174000 10.0.0.7 a@b.c https://x /a/b 7";
        let table = [
            (
                MaskConfig { timestamps: false, ..all },
                "10:30:45 <uuid> <address> <email> <url> <path> <number>",
            ),
            (
                MaskConfig { uuids: false, ..all },
                "<time> 123e4567-e89b-12d3-a456-426614174000 <address> <email> <url> <path> <number>",
            ),
            (MaskConfig { addresses: false, ..all }, "<time> <uuid> 10.0.0.7 <email> <url> <path> <number>"),
            (MaskConfig { emails: false, ..all }, "<time> <uuid> <address> a@b.c <url> <path> <number>"),
            (MaskConfig { urls: false, ..all }, "<time> <uuid> <address> <email> https://x <path> <number>"),
            (MaskConfig { paths: false, ..all }, "<time> <uuid> <address> <email> <url> /a/b <number>"),
            (MaskConfig { numbers: false, ..all }, "<time> <uuid> <address> <email> <url> <path> 7"),
        ];
        for (config, wanted) in table {
            assert_eq!(masked(text, &config), wanted);
        }
    }
}
