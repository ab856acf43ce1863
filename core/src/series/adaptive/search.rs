//! Looks for a season, and for a week of seven of them, in the samples that are held.

use alloc::vec::Vec;

use super::{
    cycle::Cycle,
    learned::{Learned, lag, room},
    season,
};
use crate::{
    config::{AdaptiveConfig, Seasonality},
    decide::Cause,
    event::Event,
    math,
    stats::regression::Regression,
};

/// The longer cycle has so many periods, and must explain so much of what the season leaves.
const WEEK: f64 = 7.0;
const WEEK_EXPLAINS: f64 = 0.2;

impl Learned {
    /// Looks for a season now and then; what was a drift without it is none.
    pub(super) fn search(&mut self, config: &AdaptiveConfig, at: f64) -> Option<Event> {
        let room = room(config);
        let total = self.history.total();
        if config.season != Seasonality::Auto || config.compact || total < self.next_search {
            return None;
        }
        self.next_search = (total + total / 4).min(total + room.history as u64);
        let interval = self.history.interval();
        if interval.is_nan() || interval <= 0.0 {
            return None;
        }
        let young = total < room.history as u64 * 5 / 4;
        if self.cycle.period.is_none() || young {
            let found = season::find(&self.history.values(), interval);
            if found.is_none() || found == self.cycle.period {
                return None;
            }
            self.cycle = Cycle::new(found);
            self.rebuild(room, self.history.first(), lag(room, total));
        } else {
            let period = self.cycle.period.filter(|_| self.cycle.longer.is_none())?;
            let seen = self.weekly(period, interval)?;
            self.cycle.watch(WEEK * period, interval);
            let rests = self.rests(period);
            let first = self.history.first();
            let (older, newer) = rests.split_at(seen);
            for (number, rest) in (first..).zip(older) {
                self.cycle.learn(self.history.get(number).1, *rest, interval);
            }
            // The profile predicts what it has not seen.
            let second = first + seen as u64;
            self.rebuild(room, second, lag(room, total));
            for (number, rest) in (second..self.next).zip(newer) {
                self.cycle.learn(self.history.get(number).1, *rest, interval);
            }
        }
        self.close(Cause::Adopted, at)
    }

    /// What level and season leave of the samples that are held.
    pub(super) fn rests(&self, period: f64) -> Vec<f64> {
        const FEATURES: usize = 1 + 2 * season::HARMONICS;
        let numbers = || self.history.first()..self.history.total();
        let features = |number| {
            let mut features = [1.0; FEATURES];
            season::harmonics(Cycle::phase(self.history.get(number).1, period), &mut features[1..]);
            features
        };
        let mut regression = Regression::new(FEATURES);
        for number in numbers() {
            regression.add(&features(number), self.history.get(number).0);
        }
        let mut coefficients = [0.0; FEATURES];
        regression.fit(&season::terms(1), &mut coefficients);
        let predicted = |number| features(number).iter().zip(&coefficients).map(|(x, b)| x * b).sum::<f64>();
        numbers().map(|number| self.history.get(number).0 - predicted(number)).collect()
    }

    /// Whether seven periods repeat beyond the season: how many of the samples that are held come before the newer of two such cycles.
    pub(super) fn weekly(&self, period: f64, interval: f64) -> Option<usize> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "samples in a week")]
        let cycle = math::floor(WEEK * period / interval + 0.5) as usize;
        let rests = self.rests(period);
        let from = rests.len().checked_sub(2 * cycle)?;
        let (older, newer) = (&rests[from..from + cycle], &rests[from + cycle..]);
        let (mut both, mut squares, mut all) = (0.0, 0.0, 0.0);
        for (old, new) in older.iter().zip(newer) {
            both += old * new;
            squares += old * old;
            all += new * new;
        }
        // The share of variance that the best multiple of last week's value explains.
        let explains = both > 0.0 && both * both > WEEK_EXPLAINS * squares * all;
        explains.then_some(from + cycle)
    }
}
