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
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    /// Ends a token.
    Separator,
    /// Its token varies: a number, an address.
    Variable,
    Slash,
    Dot,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            // Bytes of words in other scripts.
            b'a'..=b'z' | b'A'..=b'Z' | 0x80..=0xff => Class::Letter,
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
            | b':' => Class::Separator,
            b'0'..=b'9' | b'@' => Class::Variable,
            b'/' | b'\\' => Class::Slash,
            b'.' => Class::Dot,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

impl Words {
    /// Reads a line. Tokens with a digit, an `@`, two slashes or two inner dots vary from line to line, so they are
    /// dropped whole; of the others the runs of letters remain.
    pub(crate) fn read(&mut self, line: &[u8]) {
        self.hashes.clear();
        self.severe = 0;
        let mut at = 0;
        while at < line.len() {
            let first = self.hashes.len();
            let start = at;
            let (mut varies, mut slashes, mut dots) = (false, 0u32, 0u32);
            let mut word = Word::default();
            while let Some(&byte) = line.get(at) {
                match CLASSES[usize::from(byte)] {
                    Class::Separator => break,
                    Class::Letter => word.push(byte),
                    class => {
                        self.finish(&mut word);
                        varies |= class == Class::Variable;
                        slashes += u32::from(class == Class::Slash);
                        dots += u32::from(class == Class::Dot);
                    }
                }
                at += 1;
            }
            self.finish(&mut word);
            let inner_dots = dots > 1 && inner_dots(&line[start..at]) > 1;
            if varies || slashes > 1 || inner_dots {
                self.hashes.truncate(first);
            }
            at += 1;
        }
    }

    fn finish(&mut self, word: &mut Word) {
        if word.hash != 0 && self.hashes.len() < WORDS {
            self.hashes.push(mix(word.hash));
        }
        self.severe += u32::from(word.is_severe());
        *word = Word::default();
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

/// A word that is being read: its hash, and its first eight letters in lower case.
#[derive(Clone, Copy, Default)]
struct Word {
    hash: u64,
    start: u64,
    length: u32,
}

impl Word {
    #[inline]
    fn push(&mut self, byte: u8) {
        // 0 stands for no word: a letter is never 0, nor is an odd multiple of what is not.
        self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3).max(1);
        if self.length < 8 {
            self.start |= u64::from(byte | 0x20) << (8 * self.length);
        }
        self.length += 1;
    }

    /// Whether it begins as a word does by which people and programs say that something is wrong.
    fn is_severe(self) -> bool {
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
        self.length >= 4 && STARTS.iter().any(|(start, mask)| self.start & mask == *start)
    }
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
