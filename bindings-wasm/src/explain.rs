//! What events mean in English.

use drift_sre::Subject;

use crate::{exports, scratch::Scratch, wire::read};

exports! {
    /// Leaves what an event says, of a name and a unit of so many bytes, which come before it; tells how many bytes it is.
    fn explain(scratch: &mut Scratch, name: usize, unit: usize) -> usize {
        let (name, rest) = scratch.bytes.split_at(name);
        let (unit, event) = rest.split_at(unit);
        let text = |bytes| str::from_utf8(bytes).unwrap_or_default();
        let subject = Subject { name: text(name), unit: text(unit) };
        let told = read(event).map(|event| drift_sre::explain(&event, &subject));
        scratch.tell(told.unwrap_or_default().into_bytes())
    }
}
