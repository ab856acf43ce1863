//! A straight line through equally spaced values, and how certain its slope is.

use crate::math::sqrt;

/// The line of least squares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// Per step from one value to the next.
    pub(crate) slope: f64,
    /// The slope's standard error, widened for the autocorrelation of what the line leaves over; positive.
    pub(crate) slope_error: f64,
    /// The line's value at the last of the values.
    pub(crate) end: f64,
}

/// A line that fits better than to this share of its slope is exact but for rounding.
const EXACT: f64 = 1e-9;
/// Beyond this autocorrelation nothing can be said of the slope's error.
const AUTOCORRELATION_MAX: f64 = 0.9;

impl Line {
    /// The line through so many finite values; `None` of fewer than three.
    pub(crate) fn through(steps: usize, value: impl Fn(usize) -> f64) -> Option<Self> {
        if steps < 3 {
            return None;
        }
        let count = steps as f64;
        let middle = (count - 1.0) / 2.0;
        let mean = (0..steps).map(&value).sum::<f64>() / count;
        let (mut across, mut along) = (0.0, 0.0);
        for step in 0..steps {
            let x = step as f64 - middle;
            across += x * x;
            along += x * (value(step) - mean);
        }
        let slope = along / across;
        let (mut squares, mut lagged, mut last) = (0.0, 0.0, 0.0);
        for step in 0..steps {
            let left = value(step) - mean - slope * (step as f64 - middle);
            squares += left * left;
            lagged += left * last;
            last = left;
        }
        let raw = if squares > 0.0 { lagged / squares } else { 0.0 };
        // Two parameters are fitted to few values, which lowers what is seen of it by about (3 + 4 r) / n.
        let r = (raw + (3.0 + 4.0 * raw) / count).clamp(0.0, AUTOCORRELATION_MAX);
        let error = sqrt(squares / (count - 2.0) / across * (1.0 + r) / (1.0 - r));
        let slope_error = error.max(EXACT * slope.abs()).max(f64::MIN_POSITIVE);
        Some(Self { slope, slope_error, end: mean + slope * middle })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through<const N: usize>(values: [f64; N]) -> Option<Line> {
        Line::through(N, |at| values[at])
    }

    #[test]
    fn slope_error_and_end_are_those_of_least_squares() {
        // By hand: mean 4, slope 11 / 10, residuals .2, .1, -1, .9, -.2 with squares of 1.9 and no autocorrelation.
        let line = through([2.0, 3.0, 3.0, 6.0, 6.0]).unwrap();
        assert!((line.slope - 1.1).abs() < 1e-15 && (line.end - 6.2).abs() < 1e-15, "{line:?}");
        // Lagged products: .02 - .1 - .9 - .18 = -1.16, so r = -.6105 + .1116, which counts as none.
        assert!((line.slope_error - sqrt(1.9 / 3.0 / 10.0)).abs() < 1e-15, "{line:?}");
    }

    #[test]
    fn an_exact_line_is_as_certain_as_can_be_told() {
        let line = through([1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!((line.slope, line.end, line.slope_error), (1.0, 4.0, 1e-9));
        let flat = through([5.0; 4]).unwrap();
        assert_eq!((flat.slope, flat.end), (0.0, 5.0));
        assert!(flat.slope_error > 0.0);
        assert!(through([1.0, 2.0]).is_none());
    }

    #[test]
    fn what_wanders_widens_the_error() {
        let wandering = [0.0, 0.0, 1.0, 2.0, 2.0, 1.0, 0.0, 0.0, 1.0, 2.0, 2.0, 1.0];
        let mixed = [0.0, 2.0, 1.0, 0.0, 2.0, 1.0, 0.0, 2.0, 0.0, 2.0, 1.0, 1.0];
        let error = |values: [f64; 12]| through(values).unwrap().slope_error;
        assert!(error(wandering) > 1.5 * error(mixed));
    }
}
