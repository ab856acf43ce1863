//! Which template a line is of. Templates that differ in one word come together once there are a few of them.
//!
//! What Drain (P. He et al., ICWS 2017) does with a tree, a table of patterns does here: a pattern is a line's words but
//! for one. After three different lines of a pattern, the word they differ in is taken for a variable.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{
    key::{Words, join},
    table::{Entry, Met, Table},
};

/// So many different lines make a variable of the word they differ in.
const ENOUGH: u32 = 3;

/// In lines with fewer words one word is too much of them; in longer ones, patterns cost more than they tell.
const LENGTHS: core::ops::RangeInclusive<usize> = 3..=40;

/// What is known of a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Template {
    /// Lines, and the number of the newest.
    pub(crate) lines: u32,
    pub(crate) last: u64,
    /// Lines of late, forgotten by half in 10 lines, and in 30; as of the newest.
    pub(crate) recent: f64,
    pub(crate) burst: f64,
    /// Lines that are no longer new.
    pub(crate) settled: u32,
    /// Blocks of lines it was met in, and the newest of them, counted from 1.
    pub(crate) blocks: u32,
    pub(crate) last_block: u64,
    /// Lines that followed one of it, and how many different templates they were of.
    pub(crate) followed: u32,
    pub(crate) followers: u32,
}

impl Entry for Template {
    fn worth(&self) -> (u32, u64) {
        (self.lines.min(4), self.last)
    }
}

/// Which pattern a line has, for each of its words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    hashes: Vec<u64>,
    after: Vec<u64>,
}

impl Patterns {
    /// The patterns of so many words, by the hashes of what is before and behind each.
    fn read(&mut self, words: &[u64]) {
        let Self { hashes, after } = self;
        hashes.clear();
        after.clear();
        let mut behind = 1;
        for word in words.iter().rev() {
            after.push(behind);
            behind = join(behind, *word);
        }
        let mut before = words.len() as u64;
        for (position, (word, behind)) in words.iter().zip(after.iter().rev()).enumerate() {
            hashes.push(join(join(before, *behind), position as u64));
            before = join(before, *word);
        }
    }
}

/// The key of the template that a line is of, and how many lines that template had before it was made, if it is made
/// of a pattern now. Learns the line's patterns if they are new.
pub(crate) fn place(
    words: &Words,
    is_known: impl FnOnce(u64) -> bool,
    patterns: &mut Table<Met>,
    scratch: &mut Patterns,
    now: u64,
) -> (u64, u32) {
    let key = words.key();
    if is_known(key) || !LENGTHS.contains(&words.hashes().len()) {
        return (key, 0);
    }
    scratch.read(words.hashes());
    let mut best = (0, 0);
    for pattern in &scratch.hashes {
        let times = patterns.get(*pattern).map_or(0, |met| met.times);
        if times > best.1 {
            best = (*pattern, times);
        }
    }
    if best.1 >= ENOUGH {
        if let Some(met) = patterns.get_mut(best.0) {
            met.last = now;
        }
        return best;
    }
    for pattern in &scratch.hashes {
        patterns.entry(*pattern, || Met::at(now), |_, _| {}).again(now);
    }
    (key, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_line_that_differs_in_one_word_is_of_their_pattern() {
        let (mut templates, mut patterns) = (Table::new(100), Table::new(100));
        let (mut words, mut scratch) = (Words::default(), Patterns::default());
        let mut place = |line: &str| {
            words.read(line.as_bytes());
            let (key, before) =
                place(&words, |key| templates.get(key).is_some(), &mut patterns, &mut scratch, 0);
            templates.entry(key, Template::default, |_, _| {});
            (key == words.key(), before)
        };
        for user in ["ada", "bob", "cleo"] {
            assert_eq!(place(&alloc::format!("Invalid user {user} from")), (true, 0));
        }
        assert_eq!(place("Invalid user dora from"), (false, 3));
        assert_eq!(place("Invalid user ada from"), (true, 0), "what is known stays as it is");
        assert_eq!(place("Valid users dora from"), (true, 0));
        assert_eq!(place("up down"), (true, 0));
    }
}
