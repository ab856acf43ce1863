//! Cuts a stream of JSON into its items without keeping more than one of them.

/// How items follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One a line.
    Lines,
    /// In one JSON array.
    Array,
}

/// What comes out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// The bytes of one item.
    Whole(&'a [u8]),
    /// One that is longer than it may be.
    TooLarge,
}

/// The stream is no array of items.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoArray;

/// The longest item that is kept.
pub(super) const LONGEST: usize = 16 << 10;

/// Cuts what is pushed into it.
#[derive(Debug)]
pub(super) struct Splitter {
    format: Format,
    held: Vec<u8>,
    /// The item at hand is longer than it may be, and passes by.
    skipping: bool,
    place: Place,
    depth: usize,
    quoted: bool,
    escaped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    /// After `[`, where the array may end.
    First,
    /// After a comma, where it may not.
    Next,
    Within,
    After,
}

impl Splitter {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            held: vec![],
            skipping: false,
            place: Place::Before,
            depth: 0,
            quoted: false,
            escaped: false,
        }
    }

    /// Takes the next bytes, and gives each item that ends in them.
    pub(super) fn push(&mut self, bytes: &[u8], mut each: impl FnMut(Item<'_>)) -> Result<(), NoArray> {
        match self.format {
            Format::Lines => {
                self.lines(bytes, &mut each);
                Ok(())
            }
            Format::Array => self.array(bytes, &mut each),
        }
    }

    /// The end of the stream, with the item that ends there.
    pub(super) fn end(&mut self, mut each: impl FnMut(Item<'_>)) -> Result<(), NoArray> {
        match self.format {
            Format::Lines => {
                self.give(&mut each);
                Ok(())
            }
            Format::Array if self.place == Place::After => Ok(()),
            Format::Array => Err(NoArray),
        }
    }

    fn lines(&mut self, bytes: &[u8], each: &mut impl FnMut(Item<'_>)) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, others) = rest.split_at(end);
            rest = &others[1..];
            if self.held.is_empty() && !self.skipping && line.len() <= LONGEST {
                // The common case needs no copy.
                let line = line.trim_ascii();
                if !line.is_empty() {
                    each(Item::Whole(line));
                }
            } else {
                self.keep(line);
                self.give(each);
            }
        }
        self.keep(rest);
    }

    fn array(&mut self, bytes: &[u8], each: &mut impl FnMut(Item<'_>)) -> Result<(), NoArray> {
        let mut start = 0;
        for (index, byte) in bytes.iter().enumerate() {
            if self.place == Place::Within {
                let ends = self.step(*byte);
                if ends {
                    self.keep(&bytes[start..index]);
                    self.give(each);
                    self.place = if *byte == b',' { Place::Next } else { Place::After };
                }
                continue;
            }
            match (self.place, byte) {
                (_, b' ' | b'\t' | b'\r' | b'\n') => {}
                (Place::Before, b'[') => self.place = Place::First,
                (Place::First, b']') => self.place = Place::After,
                (Place::First | Place::Next, b',' | b']') | (Place::Before | Place::After, _) => {
                    return Err(NoArray);
                }
                (Place::First | Place::Next | Place::Within, _) => {
                    self.place = Place::Within;
                    start = index;
                    self.step(*byte);
                }
            }
        }
        if self.place == Place::Within {
            self.keep(&bytes[start..]);
        }
        Ok(())
    }

    /// Whether an item ends before this byte.
    fn step(&mut self, byte: u8) -> bool {
        match (self.quoted, byte) {
            (true, _) if self.escaped => self.escaped = false,
            (true, b'\\') => self.escaped = true,
            (_, b'"') => self.quoted = !self.quoted,
            (false, b'{' | b'[') => self.depth += 1,
            (false, b'}' | b']') if self.depth > 0 => self.depth -= 1,
            (false, b',' | b']') if self.depth == 0 => return true,
            _ => {}
        }
        false
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.skipping || self.held.len() + bytes.len() > LONGEST {
            self.skipping = true;
            self.held.clear();
        } else {
            self.held.extend_from_slice(bytes);
        }
    }

    fn give(&mut self, each: &mut impl FnMut(Item<'_>)) {
        if std::mem::take(&mut self.skipping) {
            each(Item::TooLarge);
        } else {
            let item = self.held.trim_ascii();
            if !item.is_empty() {
                each(Item::Whole(item));
            }
        }
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(format: Format, pieces: &[&[u8]]) -> Result<Vec<String>, NoArray> {
        let mut items = vec![];
        let mut take = |item: Item<'_>| match item {
            Item::Whole(bytes) => items.push(String::from_utf8_lossy(bytes).into_owned()),
            Item::TooLarge => items.push("too large".into()),
        };
        let mut splitter = Splitter::new(format);
        for piece in pieces {
            splitter.push(piece, &mut take)?;
        }
        splitter.end(&mut take)?;
        Ok(items)
    }

    #[test]
    fn an_array_is_cut_between_its_items() {
        let cases: [(&str, &[&str]); 6] = [
            ("[]", &[]),
            (" [ ] ", &[]),
            ("[1]", &["1"]),
            (r#"[{"a":[1,2]},{"b":"],[\"{"}]"#, &[r#"{"a":[1,2]}"#, r#"{"b":"],[\"{"}"#]),
            ("[ 1 ,\n 2 ]\n", &["1", "2"]),
            (r#"["\\",3]"#, &[r#""\\""#, "3"]),
        ];
        for (text, items) in cases {
            assert_eq!(
                split(Format::Array, &[text.as_bytes()]).as_deref(),
                Ok(&items.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
                "{text}"
            );
        }
        for text in ["", "{}", "[", "[1", "[1,]", "[,1]", "[1] 2", "[1]]", "1"] {
            assert_eq!(split(Format::Array, &[text.as_bytes()]), Err(NoArray), "{text}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_passes_by() {
        let long = "x".repeat(LONGEST + 1);
        let text = format!("1\n{long}\n2\r\n\n  \n{long}");
        for size in [1, 7, 1000, text.len()] {
            let pieces: Vec<_> = text.as_bytes().chunks(size).collect();
            assert_eq!(
                split(Format::Lines, &pieces).unwrap(),
                ["1", "too large", "2", "too large"],
                "{size}"
            );
        }
        let text = format!("[1,\"{long}\",2]");
        let pieces: Vec<_> = text.as_bytes().chunks(999).collect();
        assert_eq!(split(Format::Array, &pieces).unwrap(), ["1", "too large", "2"]);
    }

    proptest! {
        #[test]
        fn where_the_stream_is_cut_does_not_matter(text in r#"[\[\]{},:"\\ a1\n]{0,40}"#, size in 1_usize..8) {
            for format in [Format::Lines, Format::Array] {
                let pieces: Vec<_> = text.as_bytes().chunks(size).collect();
                prop_assert_eq!(split(format, &pieces), split(format, &[text.as_bytes()]));
            }
        }

        #[test]
        fn an_array_that_a_json_library_writes_is_cut_as_it_was(items in proptest::collection::vec(".*", 0..8)) {
            let written = serde_json::to_vec(&items).unwrap();
            let pieces: Vec<_> = written.chunks(3).collect();
            let back: Vec<String> = split(Format::Array, &pieces).unwrap().iter().map(|item| serde_json::from_str(item).unwrap()).collect();
            prop_assert_eq!(items, back);
        }
    }
}
