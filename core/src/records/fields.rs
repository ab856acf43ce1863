//! Numbers in structured events beside those their field had before.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{
    json::Fields,
    table::{Entry, Table},
};
use crate::{Error, fnv1a, math};

/// Fields that are remembered, numbers a field needs before it is judged, and outliers of one event that are told.
const FIELDS: usize = 1_024;
const ENOUGH: u32 = 30;
const TOLD: usize = 16;

/// Numbers further from 0 are left out: their squares would be no numbers.
const LIMIT: f64 = 1e150;

/// A number far from what its field had before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldOutlier {
    /// Names from the root, with dots.
    pub field_path: String,
    /// The number.
    pub value: f64,
    /// Mean of the numbers before.
    pub expected_mean: f64,
    /// Their standard deviation.
    pub std_dev: f64,
    /// How many of those the number lies from the mean, with the sign.
    pub z_score: f64,
    /// How many numbers were before.
    pub sample_count: u64,
}

/// Welford's moments of one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Field {
    count: u32,
    mean: f64,
    m2: f64,
    last: u64,
}

impl Entry for Field {
    fn worth(&self) -> (u32, u64) {
        (self.count.min(4), self.last)
    }
}

/// Every field that had numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numbers(Table<Field>);

/// What a snapshot holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved(Vec<(u64, Field)>);

impl Numbers {
    pub(crate) fn new() -> Self {
        Self(Table::new(FIELDS))
    }

    /// Compares every number of an event with its field, then learns it. The outliers, farthest first.
    pub(crate) fn update(&mut self, fields: &Fields, k_sigma: f64, now: u64) -> Vec<FieldOutlier> {
        let mut outliers = Vec::new();
        fields.numbers(|path, value| {
            if value.abs() > LIMIT {
                return;
            }
            let field = self.0.entry(fnv1a(path.bytes()), Field::default, |_, _| {});
            let count = f64::from(field.count);
            if field.count >= ENOUGH {
                let std_dev = math::sqrt(field.m2 / (count - 1.0));
                let apart = value - field.mean;
                // Of numbers that were all the same, any other is far.
                let scale = std_dev.max(field.mean.abs() * 1e-9).max(f64::MIN_POSITIVE);
                if apart.abs() > k_sigma * scale {
                    outliers.push(FieldOutlier {
                        field_path: path.into(),
                        value,
                        expected_mean: field.mean,
                        std_dev,
                        z_score: (apart / scale).clamp(-1e9, 1e9),
                        sample_count: u64::from(field.count),
                    });
                }
            }
            field.count = field.count.saturating_add(1);
            let apart = value - field.mean;
            field.mean += apart / f64::from(field.count);
            field.m2 = (field.m2 + apart * (value - field.mean)).min(f64::MAX);
            field.last = now;
        });
        outliers.sort_by(|one, other| other.z_score.abs().total_cmp(&one.z_score.abs()));
        outliers.truncate(TOLD);
        outliers
    }

    pub(crate) fn save(&self) -> Saved {
        Saved(self.0.sorted())
    }

    pub(crate) fn resume(saved: Saved, now: u64) -> Result<Self, Error> {
        let is_sound = |field: &Field| {
            field.count > 0
                && field.mean.abs() <= LIMIT
                && field.m2.is_finite()
                && field.m2 >= 0.0
                && field.last <= now
        };
        Table::resume(saved.0, FIELDS, is_sound).map(Self)
    }
}
