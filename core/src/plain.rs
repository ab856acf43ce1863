//! Plain data as bytes and back, laid out as postcard does: one walk over the fields serves both directions.
//!
//! It is what settings, states and events cross into WebAssembly by. Derived readers and writers do the same in ten times
//! the code, which a page would have to fetch before it sees its first sample.

use alloc::{collections::VecDeque, vec::Vec};

/// Data that is all in its fields.
pub trait Plain: Sized {
    /// What is filled in when it is read.
    #[doc(hidden)]
    const EMPTY: Self;

    /// Reads or writes every field, in order.
    #[doc(hidden)]
    fn pass(&mut self, by: &mut Pass<'_>);
}

/// Bytes that are read or written, and whether they could be.
#[doc(hidden)]
#[derive(Debug)]
pub struct Pass<'a> {
    /// What is left to be read; none is there if it is written.
    unread: Option<&'a [u8]>,
    written: Vec<u8>,
    failed: bool,
}

/// A value as bytes.
///
/// ```
/// use drift_sre::{MonitorConfig, pack, unpack};
///
/// let bytes = pack(MonitorConfig::default());
/// assert_eq!(unpack(&bytes), Some(MonitorConfig::default()));
/// assert_eq!(unpack::<MonitorConfig>(&bytes[1..]), None);
/// ```
pub fn pack<T: Plain>(mut value: T) -> Vec<u8> {
    append(Vec::new(), &mut value)
}

/// A value from its bytes; `None` if they are none of its kind, or more than that. What it holds is for who takes it to
/// validate.
pub fn unpack<T: Plain>(bytes: &[u8]) -> Option<T> {
    let mut pass = Pass { unread: Some(bytes), written: Vec::new(), failed: false };
    let mut value = T::EMPTY;
    value.pass(&mut pass);
    let whole = !pass.failed && pass.unread.is_some_and(<[u8]>::is_empty);
    whole.then_some(value)
}

/// A value's bytes behind others. The value is what it was.
pub(crate) fn append<T: Plain>(bytes: Vec<u8>, value: &mut T) -> Vec<u8> {
    let mut pass = Pass { unread: None, written: bytes, failed: false };
    value.pass(&mut pass);
    pass.written
}

impl Pass<'_> {
    pub(crate) fn reads(&self) -> bool {
        self.unread.is_some()
    }

    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }

    /// Bytes as they are.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn bytes(&mut self, bytes: &mut [u8]) {
        match &mut self.unread {
            Some(unread) => match unread.split_at_checked(bytes.len()) {
                Some((first, rest)) => {
                    bytes.copy_from_slice(first);
                    *unread = rest;
                }
                None => self.failed = true,
            },
            None => self.written.extend_from_slice(bytes),
        }
    }

    /// Seven bits a byte, the least first, the highest bit telling that there are more.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn varint(&mut self, value: u64) -> u64 {
        let (mut left, mut read, mut shift) = (value, 0, 0);
        loop {
            let more = u8::from(left > 0x7f) << 7;
            let mut byte = [left.to_le_bytes()[0] & 0x7f | more];
            self.bytes(&mut byte);
            left >>= 7;
            let bits = u64::from(byte[0] & 0x7f);
            read |= bits << shift;
            // The tenth byte has room for one bit.
            self.failed |= shift == 63 && byte[0] > 1;
            shift += 7;
            if byte[0] < 0x80 || self.failed {
                return read;
            }
        }
    }

    /// Which of so many variants, by its place among them.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    pub(crate) fn variant(&mut self, mut variant: u8, count: u8) -> u8 {
        variant.pass(self);
        self.failed |= variant >= count;
        if self.failed { 0 } else { variant }
    }
}

impl Plain for u8 {
    const EMPTY: Self = 0;

    fn pass(&mut self, by: &mut Pass<'_>) {
        by.bytes(core::slice::from_mut(self));
    }
}

impl Plain for bool {
    const EMPTY: Self = false;

    fn pass(&mut self, by: &mut Pass<'_>) {
        *self = by.variant(u8::from(*self), 2) == 1;
    }
}

impl Plain for u32 {
    const EMPTY: Self = 0;

    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn pass(&mut self, by: &mut Pass<'_>) {
        match Self::try_from(by.varint(u64::from(*self))) {
            Ok(value) => *self = value,
            Err(_) => by.fail(),
        }
    }
}

impl Plain for u64 {
    const EMPTY: Self = 0;

    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn pass(&mut self, by: &mut Pass<'_>) {
        *self = by.varint(*self);
    }
}

impl Plain for f64 {
    const EMPTY: Self = 0.0;

    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn pass(&mut self, by: &mut Pass<'_>) {
        match by.unread.map(<[u8]>::split_first_chunk) {
            Some(Some((first, rest))) => {
                *self = Self::from_bits(u64::from_le_bytes(*first));
                by.unread = Some(rest);
            }
            Some(None) => by.fail(),
            None => by.written.extend_from_slice(&self.to_bits().to_le_bytes()),
        }
    }
}

impl Plain for () {
    const EMPTY: Self = ();

    fn pass(&mut self, _by: &mut Pass<'_>) {}
}

impl<T: Plain> Plain for Option<T> {
    const EMPTY: Self = None;

    fn pass(&mut self, by: &mut Pass<'_>) {
        let some = by.variant(u8::from(self.is_some()), 2) == 1;
        if some && by.reads() {
            *self = Some(T::EMPTY);
        }
        if let Some(value) = self {
            value.pass(by);
        }
    }
}

impl<T: Plain, U: Plain> Plain for (T, U) {
    const EMPTY: Self = (T::EMPTY, U::EMPTY);

    fn pass(&mut self, by: &mut Pass<'_>) {
        self.0.pass(by);
        self.1.pass(by);
    }
}

impl<T: Plain, const N: usize> Plain for [T; N] {
    const EMPTY: Self = [T::EMPTY; N];

    fn pass(&mut self, by: &mut Pass<'_>) {
        for value in self {
            value.pass(by);
        }
    }
}

impl<T: Plain> Plain for Vec<T> {
    const EMPTY: Self = Self::new();

    fn pass(&mut self, by: &mut Pass<'_>) {
        let count = by.varint(self.len() as u64);
        if by.reads() {
            // No room is made for more than there is.
            for _ in 0..count {
                let mut value = T::EMPTY;
                value.pass(by);
                if by.failed {
                    break;
                }
                self.push(value);
            }
        } else {
            for value in self {
                value.pass(by);
            }
        }
    }
}

impl<T: Plain> Plain for VecDeque<T> {
    const EMPTY: Self = Self::new();

    fn pass(&mut self, by: &mut Pass<'_>) {
        let count = by.varint(self.len() as u64);
        if by.reads() {
            for _ in 0..count {
                let mut value = T::EMPTY;
                value.pass(by);
                if by.failed {
                    break;
                }
                self.push_back(value);
            }
        } else {
            for value in self {
                value.pass(by);
            }
        }
    }
}

/// Names the fields of structs and the variants of enums, in order: their layout.
macro_rules! plain {
    ($(struct $name:ty { $($field:ident),* $(,)? })+) => {$(
        impl crate::plain::Plain for $name {
            const EMPTY: Self = Self { $($field: crate::plain::Plain::EMPTY),* };

            fn pass(&mut self, by: &mut crate::plain::Pass<'_>) {
                $(crate::plain::Plain::pass(&mut self.$field, by);)*
            }
        }
    )+};
    ($(enum $name:ty {
        $empty:ident $(($first:ident))? $({ $($named:ident),+ })?
        $(, $variant:ident $(($held:ident))? $({ $($field:ident),+ })?)* $(,)?
    })+) => {$(
        impl crate::plain::Plain for $name {
            const EMPTY: Self = Self::$empty
                $(({ let $first = crate::plain::Plain::EMPTY; $first }))? $({ $($named: crate::plain::Plain::EMPTY),+ })?;

            fn pass(&mut self, by: &mut crate::plain::Pass<'_>) {
                #[repr(u8)]
                enum At { $empty, $($variant,)* Count }
                let at = match self {
                    Self::$empty { .. } => At::$empty as u8,
                    $(Self::$variant { .. } => At::$variant as u8,)*
                };
                let at = by.variant(at, At::Count as u8);
                if by.reads() {
                    *self = Self::EMPTY;
                    $(if at == At::$variant as u8 {
                        *self = Self::$variant
                            $(({ let $held = crate::plain::Plain::EMPTY; $held }))?
                            $({ $($field: crate::plain::Plain::EMPTY),+ })?;
                    })*
                }
                match self {
                    Self::$empty $(($first))? $({ $($named),+ })? => {
                        $(crate::plain::Plain::pass($first, by);)?
                        $($(crate::plain::Plain::pass($named, by);)+)?
                    }
                    $(Self::$variant $(($held))? $({ $($field),+ })? => {
                        $(crate::plain::Plain::pass($held, by);)?
                        $($(crate::plain::Plain::pass($field, by);)+)?
                    })*
                }
            }
        }
    )+};
}
pub(crate) use plain;
