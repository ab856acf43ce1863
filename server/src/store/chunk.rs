//! Points of a series, column by column, as small as they get: about nine bytes for latency and payload together.
//!
//! Times are differences of differences. Values are whole numbers of their least decimal, or their bits where they have
//! none; either way they come back bit for bit. What was expected and how surprising it was are for charts, and kept to three digits.
//! Zstandard takes what is left.

use anyhow::{Context, Result, bail, ensure};

use crate::{compress, series::Point};

/// Points in one chunk, at most.
pub const MOST: usize = 1024;
/// Ten to this is the finest decimal that is tried.
const DECIMALS: i32 = 6;
/// Higher levels save some percent and take several times as long.
const LEVEL: i32 = 3;
/// More than any chunk of [`MOST`] points takes.
const LARGEST: usize = MOST * 40;

/// The bytes of up to [`MOST`] points.
///
/// # Errors
/// If there are more, or they cannot be compressed.
pub fn encode(points: &[Point]) -> Result<Vec<u8>> {
    ensure!(points.len() <= MOST, "a chunk holds {MOST} points, got {}", points.len());
    let mut bytes = Vec::with_capacity(points.len() * 8);
    put(&mut bytes, points.len() as u64);
    let (mut last, mut step) = (0_i64, 0_i64);
    for point in points {
        let now = point.at_ms.wrapping_sub(last);
        put_signed(&mut bytes, now.wrapping_sub(step));
        (last, step) = (point.at_ms, now);
    }
    values(&mut bytes, points);
    for column in COLUMNS {
        singles(&mut bytes, points, column);
    }
    compress::pack(&bytes, LEVEL).context("could not compress a chunk")
}

/// The points in bytes that [`encode`] wrote.
///
/// # Errors
/// If it did not write these; bytes of any origin are safe to try.
pub fn decode(bytes: &[u8]) -> Result<Vec<Point>> {
    let bytes = compress::unpack(bytes, LARGEST).context("a chunk that cannot be read")?;
    let mut rest = &*bytes;
    let count = usize::try_from(take(&mut rest)?)?;
    ensure!(count <= MOST, "a chunk of {count} points");
    let empty = f32::NAN;
    let blank = Point { at_ms: 0, value: 0.0, baseline: empty, lower: empty, upper: empty, score: empty };
    let mut points = vec![blank; count];
    let (mut last, mut step) = (0_i64, 0_i64);
    for point in &mut points {
        step = step.wrapping_add(take_signed(&mut rest)?);
        last = last.wrapping_add(step);
        point.at_ms = last;
    }
    take_values(&mut rest, &mut points)?;
    for column in COLUMNS {
        let (high, others) = rest.split_at_checked(count).context("a chunk that is cut")?;
        let (low, others) = others.split_at_checked(count).context("a chunk that is cut")?;
        rest = others;
        let mut bits = 0_u16;
        for (point, (high, low)) in points.iter_mut().zip(high.iter().zip(low)) {
            bits ^= u16::from_be_bytes([*high, *low]);
            *column(point) = f32::from_bits(u32::from(bits) << 16);
        }
    }
    ensure!(rest.is_empty(), "a chunk with {} bytes too many", rest.len());
    Ok(points)
}

type Column = fn(&mut Point) -> &mut f32;
const COLUMNS: [Column; 4] = [
    |point| &mut point.baseline,
    |point| &mut point.lower,
    |point| &mut point.upper,
    |point| &mut point.score,
];

/// The upper half of each number's bits, as differences from the one before, first bytes first.
fn singles(bytes: &mut Vec<u8>, points: &[Point], column: Column) {
    let start = bytes.len();
    bytes.resize(start + 2 * points.len(), 0);
    let (high, low) = bytes[start..].split_at_mut(points.len());
    let mut last = 0_u16;
    for (index, point) in points.iter().enumerate() {
        let mut point = *point;
        let bits = half(*column(&mut point));
        [high[index], low[index]] = (bits ^ last).to_be_bytes();
        last = bits;
    }
}

/// A single-precision number rounded to the upper half of its bits.
fn half(number: f32) -> u16 {
    let bits = number.to_bits();
    let bits = if number.is_finite() { bits.saturating_add(1 << 15) } else { bits };
    // A number that is none must not become infinite when its lower half goes.
    if number.is_nan() { 0x7fc0 } else { (bits >> 16) as u16 }
}

fn values(bytes: &mut Vec<u8>, points: &[Point]) {
    let decimals =
        (0..=DECIMALS).find(|decimals| points.iter().all(|point| whole(point.value, *decimals).is_some()));
    let Some(decimals) = decimals else {
        bytes.push(u8::MAX);
        // One plane a byte: what neighbours have in common then lies together.
        for plane in 0..8 {
            bytes.extend(points.iter().map(|point| point.value.to_be_bytes()[plane]));
        }
        return;
    };
    bytes.push(u8::try_from(decimals).unwrap_or_default());
    for point in points {
        put_signed(bytes, whole(point.value, decimals).unwrap_or_default());
    }
}

fn take_values(rest: &mut &[u8], points: &mut [Point]) -> Result<()> {
    let (mode, others) = rest.split_first().context("a chunk that is cut")?;
    *rest = others;
    if *mode == u8::MAX {
        let count = points.len();
        let (planes, others) = rest.split_at_checked(8 * count).context("a chunk that is cut")?;
        *rest = others;
        for (index, point) in points.iter_mut().enumerate() {
            point.value = f64::from_be_bytes(std::array::from_fn(|plane| planes[plane * count + index]));
        }
        return Ok(());
    }
    ensure!(i32::from(*mode) <= DECIMALS, "a chunk with {mode} decimals");
    for point in points {
        #[expect(clippy::cast_precision_loss, reason = "what was written is below 2^53")]
        let number = take_signed(rest)? as f64;
        point.value = number / 10_f64.powi(i32::from(*mode));
    }
    Ok(())
}

/// A value as a whole number of decimals, if it comes back from that bit for bit.
fn whole(value: f64, decimals: i32) -> Option<i64> {
    let unit = 10_f64.powi(decimals);
    let number = (value * unit).round();
    if number.is_nan() || number.abs() >= 9e15 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    let number = number as i64;
    #[expect(clippy::cast_precision_loss, reason = "a whole number below 2^53")]
    let back = number as f64 / unit;
    // Not of -0, which no whole number is.
    (back.to_bits() == value.to_bits()).then_some(number)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7f);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn take(rest: &mut &[u8]) -> Result<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, others) = rest.split_first().context("a chunk that is cut")?;
        *rest = others;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    bail!("a chunk with a number that is too large")
}

fn take_signed(rest: &mut &[u8]) -> Result<i64> {
    let number = take(rest)?;
    Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points() -> impl Strategy<Value = Vec<Point>> {
        let decimal = any::<i32>().prop_map(|number| f64::from(number) / 100.0);
        let value = prop_oneof![3 => decimal.boxed(), 1 => any::<f64>().boxed()];
        let point = (any::<i64>(), value, any::<f32>()).prop_map(|(at_ms, value, level)| Point {
            at_ms,
            value,
            baseline: level,
            lower: f32::NAN,
            upper: -level,
            score: 1.0,
        });
        proptest::collection::vec(point, 0..40)
    }

    proptest! {
        #[test]
        fn times_and_values_come_back_bit_for_bit(points in points()) {
            let back = decode(&encode(&points).unwrap()).unwrap();
            prop_assert_eq!(points.len(), back.len());
            for (put, got) in points.iter().zip(&back) {
                prop_assert_eq!(put.at_ms, got.at_ms);
                prop_assert_eq!(put.value.to_bits(), got.value.to_bits());
                prop_assert!(got.lower.is_nan());
                prop_assert_eq!(got.score, 1.0);
                let near = (put.baseline - got.baseline).abs() <= put.baseline.abs() / 128.0;
                prop_assert!(near || got.baseline.is_nan() || got.baseline.is_infinite() || put.baseline.is_subnormal());
            }
        }

        #[test]
        fn bytes_of_any_origin_are_safe_to_try(bytes: Vec<u8>, at in any::<prop::sample::Index>()) {
            let _ = decode(&bytes);
            let mut whole = encode(&[Point { at_ms: 1, value: 2.0, baseline: 0.0, lower: 0.0, upper: 0.0, score: 0.0 }; 9])
                .unwrap();
            let place = at.index(whole.len());
            whole[place] ^= 1;
            let _ = decode(&whole);
        }
    }

    #[test]
    fn a_day_of_latencies_takes_few_bytes() {
        let scenario =
            drift_sre::Scenario::new(drift_sre::ScenarioPreset::DriftwatchNormal.config(), 1).unwrap();
        let points: Vec<Point> = scenario
            .map(|sample| Point {
                at_ms: crate::time::Iso::from_seconds(sample.at).0,
                value: (sample.value.unwrap_or_default() * 10.0).round() / 10.0,
                baseline: 150.0,
                lower: 75.0,
                upper: 225.0,
                score: f32::NAN,
            })
            .collect();
        let bytes = encode(&points).unwrap().len();
        assert!(bytes < 3 * points.len(), "{bytes} bytes for {} points", points.len());
    }
}
