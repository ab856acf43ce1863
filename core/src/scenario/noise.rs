//! Values drawn from laws.

use super::generator::Generator;
use crate::{Law, math};

/// What draws from laws: random numbers, and what an autoregression remembers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Noise {
    generator: Generator,
    previous: f64,
}

impl Noise {
    /// The autoregression starts in its stationary law, so that the first values are no warm-up.
    pub(super) fn new(mut generator: Generator) -> Self {
        let previous = generator.normal();
        Self { generator, previous }
    }

    /// A value on the way from one law to another, of which the given share in [0, 1] is done.
    ///
    /// Within a family the parameters move; between families, ever more values come from the second.
    pub(super) fn between(&mut self, from: Law, to: Law, done: f64) -> f64 {
        let law = from.toward(to, done).unwrap_or_else(|| {
            let arrived = self.generator.uniform() < done;
            if arrived { to } else { from }
        });
        self.draw(law)
    }

    pub(super) fn draw(&mut self, law: Law) -> f64 {
        let generator = &mut self.generator;
        match law {
            Law::Normal { mean, sd, phi } => {
                self.previous = phi * self.previous + math::sqrt(1.0 - phi * phi) * generator.normal();
                mean + sd * self.previous
            }
            Law::LogNormal { median, sigma } => median * math::exp(sigma * generator.normal()),
            Law::StudentT { mean, sd, freedom } => {
                let normal = generator.normal();
                let chi_squared = 2.0 * generator.gamma(freedom / 2.0);
                mean + sd * normal * math::sqrt((freedom - 2.0) / chi_squared)
            }
            Law::Gamma { shape, scale } => scale * generator.gamma(shape),
            Law::Poisson { mean } => generator.poisson(mean),
            Law::Uniform { low, high } => low + (high - low) * generator.uniform(),
            Law::Bernoulli { share } => f64::from(u8::from(generator.uniform() < share)),
        }
    }
}
