//! What a line says, apart from what varies in it: its words, and the key of its template.

use alloc::vec::Vec;

/// More words than this are not told apart: a line of so many is data, not a message.
const WORDS: usize = 128;

/// The words of one line, as hashes; kept from line to line, so that no line allocates.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    hashes: Vec<u64>,
    severe: u32,
}

/// Spreads the bits of a hash over all of its bits (the finaliser of `MurmurHash3`, by A. Appleby).
pub(crate) const fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// Two hashes to one, in which their order matters.
pub(crate) const fn join(one: u64, other: u64) -> u64 {
    mix(one.rotate_left(23).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ other)
}

/// What a byte is to the reader of lines.
const LETTER: u8 = 1;
/// Ends a token.
const SEPARATOR: u8 = 2;
/// Its token varies: a number, an address.
const VARIABLE: u8 = 4;
const SLASH: u8 = 8;
const DOT: u8 = 16;
const OTHER: u8 = 32;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            // Bytes of words in other scripts.
            b'a'..=b'z' | b'A'..=b'Z' | 0x80..=0xff => LETTER,
            0..=b' '
            | b','
            | b';'
            | b'='
            | b'('
            | b')'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'"'
            | b'\''
            | b'<'
            | b'>'
            | b'|'
            | b':' => SEPARATOR,
            b'0'..=b'9' | b'@' => VARIABLE,
            b'/' | b'\\' => SLASH,
            b'.' => DOT,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

impl Words {
    /// Reads a line. Tokens with a digit, an `@`, two slashes or two inner dots vary from line to line, so they are
    /// dropped whole; of the others the runs of letters remain.
    pub(crate) fn read(&mut self, line: &[u8]) {
        self.hashes.clear();
        self.severe = 0;
        let mut at = 0;
        while at < line.len() {
            let (start, mut holds) = (at, 0);
            while let Some(byte) = line.get(at) {
                let class = class(*byte);
                if class == SEPARATOR {
                    break;
                }
                holds |= class;
                at += 1;
            }
            if holds == LETTER {
                self.word(line, start, at);
            } else if holds & LETTER != 0 {
                self.words(line, start, at, holds);
            }
            at += 1;
        }
    }

    /// The words of a token that is not one itself.
    fn words(&mut self, line: &[u8], start: usize, end: usize, holds: u8) {
        let (first, token) = (self.hashes.len(), &line[start..end]);
        let mut at = start;
        for run in token.split(|byte| class(*byte) != LETTER) {
            if !run.is_empty() {
                self.word(line, at, at + run.len());
            }
            at += run.len() + 1;
        }
        let slashes = || token.iter().filter(|byte| class(**byte) == SLASH).count();
        if holds & VARIABLE != 0
            || (holds & SLASH != 0 && slashes() > 1)
            || (holds & DOT != 0 && inner_dots(token) > 1)
        {
            self.hashes.truncate(first);
        }
    }

    fn word(&mut self, line: &[u8], from: usize, to: usize) {
        let length = to - from;
        let start = eight(line, from) & (u64::MAX >> (64 - 8 * length.min(8)));
        if self.hashes.len() < WORDS {
            let mut hash = mix(start.wrapping_add(length as u64));
            for at in (from + 8..to).step_by(8) {
                hash = join(hash, eight(&line[..to], at));
            }
            self.hashes.push(hash);
        }
        self.severe += u32::from(length >= 4 && is_severe(start | LOWER));
    }

    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// How many words say that something is wrong.
    pub(crate) fn severe(&self) -> u32 {
        self.severe
    }

    /// The hash of all words in their order.
    pub(crate) fn key(&self) -> u64 {
        self.hashes.iter().fold(self.hashes.len() as u64, |hash, word| join(hash, *word))
    }
}

fn inner_dots(token: &[u8]) -> usize {
    let first = token.iter().position(|byte| *byte != b'.').unwrap_or(token.len());
    let last = token.iter().rposition(|byte| *byte != b'.').unwrap_or(first);
    let inner = token[first..last.max(first)].iter();
    inner.fold(0, |dots, byte| dots + usize::from(*byte == b'.'))
}

/// Eight bytes from here on, the first as the lowest; zeros behind the end.
fn eight(line: &[u8], at: usize) -> u64 {
    if let Some(bytes) = line.get(at..).and_then(|rest| rest.first_chunk()) {
        return u64::from_le_bytes(*bytes);
    }
    line.iter().skip(at).rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Letters in lower case.
const LOWER: u64 = 0x2020_2020_2020_2020;

/// Whether these are the first eight letters, in lower case, of a word by which people and programs say that something
/// is wrong.
fn is_severe(start: u64) -> bool {
    const SEVERE: [&str; 9] =
        ["fatal", "panic", "emerg", "alert", "crit", "severe", "error", "fail", "excepti"];
    const STARTS: [(u64, u64); 9] = {
        let mut starts = [(0, 0); 9];
        let mut word = 0;
        while word < SEVERE.len() {
            let (bytes, mut letter) = (SEVERE[word].as_bytes(), 0);
            while letter < bytes.len() {
                starts[word].0 |= (bytes[letter] as u64) << (8 * letter);
                starts[word].1 |= 0xff << (8 * letter);
                letter += 1;
            }
            word += 1;
        }
        starts
    };
    // Few words begin with a letter of these.
    matches!(start as u8, b'a' | b'c' | b'e' | b'f' | b'p' | b's')
        && STARTS.iter().any(|(severe, mask)| start & mask == *severe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Words {
        let mut words = Words::default();
        words.read(line.as_bytes());
        words
    }

    #[test]
    fn what_varies_is_dropped_whole() {
        let table = [
            ("Accepted password for bob from 10.0.0.7 port 4711 ssh2", "Accepted password for bob from port"),
            ("GET /index.html", "GET index html"),
            ("read /var/log/messages done.", "read done"),
            ("mail to a@b failed... retrying", "mail to failed retrying"),
            ("java.io.IOException thrown", "thrown"),
            ("key=value;other:[thing]", "key value other thing"),
            (r"C:\Windows\System loaded", "C loaded"),
            ("...leading..", "leading"),
            ("break-in read-only/write", "break in read only write"),
            ("", ""),
        ];
        for (line, same) in table {
            assert_eq!(words(line).hashes(), words(same).hashes(), "{line}");
        }
    }

    #[test]
    fn order_and_number_of_words_tell_templates_apart() {
        let keys = ["a b", "b a", "a", "a a", "ab", ""].map(|line| words(line).key());
        for (position, key) in keys.iter().enumerate() {
            assert!(!keys[..position].contains(key), "{position}");
        }
    }

    #[test]
    fn words_of_trouble_are_counted_however_they_are_written() {
        let table = [
            ("FATAL error", 2),
            ("Failure after exceptions", 2),
            ("failover", 1),
            ("err fa crisp", 0),
            ("all well", 0),
        ];
        for (line, severe) in table {
            assert_eq!(words(line).severe(), severe, "{line}");
        }
    }
}
