//! Why: what an incident means as data, and the English of events and incidents.

pub(crate) mod advice;
pub(crate) mod english;
pub(crate) mod incident;
pub(crate) mod quantity;

#[cfg(test)]
mod tests;
