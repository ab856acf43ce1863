//! The observations that can still matter, in their one order, and their ids.

use alloc::collections::{BTreeSet, VecDeque};
use core::cmp::Ordering;

use super::observation::{Key, Observation, rank, unrank};

/// Observations in order. The ids are found again from them, so that a snapshot need not hold them twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Buffer {
    kept: VecDeque<Observation>,
    /// Id and rank of the time of every kept observation that has an id.
    ids: BTreeSet<(u64, i64)>,
}

impl Buffer {
    /// A buffer of observations as a buffer kept them; `None` if none can have.
    pub(super) fn resume(kept: VecDeque<Observation>) -> Option<Self> {
        let usable = kept.iter().all(|each| each.usable().is_some_and(|form| form.key() == each.key()));
        let ordered = kept.iter().is_sorted_by_key(Observation::key);
        let ids: BTreeSet<_> = kept.iter().filter_map(tag).collect();
        let unique = ids.len() == kept.iter().filter(|each| each.id.is_some()).count();
        (usable && ordered && unique).then_some(Self { kept, ids })
    }

    pub(super) fn kept(&self) -> &VecDeque<Observation> {
        &self.kept
    }

    /// The kept observation of the same id that is at most so many seconds away, an earlier one before a later one.
    pub(super) fn rival(&self, observation: &Observation, memory_secs: f64) -> Option<Observation> {
        let (id, at) = (observation.id?, observation.at);
        let mut until = self.ids.range((id, i64::MIN)..=(id, rank(at)));
        let earlier = until.next_back().filter(|(_, time)| unrank(*time) >= at - memory_secs);
        let mut from = self.ids.range((id, rank(at))..=(id, i64::MAX));
        // The same comparison seen from the later one, so that rounding cannot make them disagree.
        let rival = earlier.or_else(|| from.next().filter(|(_, time)| at >= unrank(*time) - memory_secs));
        let &(id, time) = rival?;
        let position = self.position(|(at, its, ..)| (at, its).cmp(&(time, Some(id))));
        self.kept.get(position).copied()
    }

    pub(super) fn insert(&mut self, observation: Observation) {
        let key = observation.key();
        let position = self.position(|kept| kept.cmp(&key));
        self.kept.insert(position, observation);
        self.ids.extend(tag(&observation));
    }

    pub(super) fn remove(&mut self, observation: &Observation) {
        let key = observation.key();
        let position = self.position(|kept| kept.cmp(&key));
        if self.kept.get(position).is_some_and(|kept| kept.key() == key) {
            self.kept.remove(position);
            if let Some(tag) = tag(observation) {
                self.ids.remove(&tag);
            }
        }
    }

    /// Gives up the first one if it is asked for.
    pub(super) fn pop_if(&mut self, asked: impl FnOnce(&Observation) -> bool) -> Option<Observation> {
        let oldest = self.kept.pop_front_if(|oldest| asked(oldest))?;
        if let Some(tag) = tag(&oldest) {
            self.ids.remove(&tag);
        }
        Some(oldest)
    }

    /// The first one at or after a time.
    pub(super) fn first_from(&self, at: f64) -> Option<&Observation> {
        self.kept.get(self.kept.partition_point(|kept| kept.at < at))
    }

    /// Those from a time on, until before another.
    pub(super) fn since_until(&self, from: f64, until: f64) -> impl Iterator<Item = &Observation> {
        let position = self.kept.partition_point(|kept| kept.at < from);
        self.kept.iter().skip(position).take_while(move |kept| kept.at < until)
    }

    /// Those after a time, up to and with another.
    pub(super) fn after_to(&self, after: f64, to: f64) -> impl Iterator<Item = &Observation> {
        let position = self.kept.partition_point(|kept| kept.at <= after);
        self.kept.iter().skip(position).take_while(move |kept| kept.at <= to)
    }

    fn position(&self, compare: impl Fn(Key) -> Ordering) -> usize {
        self.kept.partition_point(|kept| compare(kept.key()).is_lt())
    }
}

fn tag(observation: &Observation) -> Option<(u64, i64)> {
    Some((observation.id?, rank(observation.at)))
}
