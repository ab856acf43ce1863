//! Whole scenarios by name: the textbook's cases, and what existing systems simulate.

use alloc::{vec, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{Law, Outage, Outliers, Phase, ScenarioConfig, Season};

macro_rules! presets {
    ($($(#[$doc:meta])* $preset:ident $name:literal = $config:expr;)+) => {
        /// The scenarios that have a name.
        ///
        /// The first ten are one signal, 100 ± 10 once a second for half an hour, with one peculiarity each; what
        /// changes, changes in the third quarter. The others are what three existing systems simulate.
        ///
        /// ```
        /// use drift_sre::{Scenario, ScenarioPreset};
        ///
        /// for preset in ScenarioPreset::ALL {
        ///     let (name, mut scenario) = (preset.name(), Scenario::new(preset.config(), 1)?);
        ///     assert!(scenario.next().is_some(), "{name} has samples");
        /// }
        /// # Ok::<(), drift_sre::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ScenarioPreset {
            $($(#[$doc])* $preset,)+
        }

        impl ScenarioPreset {
            /// Every preset.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$preset),+];

            /// Its name in configurations and command lines.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$preset => $name,)+
                }
            }

            /// The preset of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|preset| preset.name() == name)
            }

            /// What it is made of, to be used as it is or changed.
            #[must_use]
            pub fn config(self) -> ScenarioConfig {
                match self {
                    $(Self::$preset => $config,)+
                }
            }
        }
    };
}

presets! {
    /// In control throughout.
    Normal "normal" = plain();
    /// A rise by three sigma, and back.
    Step "step" = third_quarter(normal(130.0, 10.0), None);
    /// A rise by up to six sigma, and back at once: a leak and a restart.
    Ramp "ramp" = third_quarter(NORMAL, Some(normal(160.0, 10.0)));
    /// Five samples at ten sigma.
    Spike "spike" = with_phases(plain(), vec![during(900.0, 905.0, normal(200.0, 10.0))]);
    /// The same mean, three times the deviation, and back.
    Variance "variance" = third_quarter(normal(100.0, 30.0), None);
    /// In control, with a rhythm of ten minutes and two sigma.
    Seasonal "seasonal" = ScenarioConfig {
        season: Some(Season { amplitude: 20.0, period_secs: 600.0 }),
        ..plain()
    };
    /// In control, each value like the one before: correlation 0.9.
    Autocorrelated "autocorrelated" = ScenarioConfig {
        law: Law::Normal { mean: 100.0, sd: 10.0, phi: 0.9 },
        ..plain()
    };
    /// In control, Student's t with three degrees of freedom.
    HeavyTailed "heavy_tailed" = ScenarioConfig {
        law: Law::StudentT { mean: 100.0, sd: 10.0, freedom: 3.0 },
        ..plain()
    };
    /// In control, one value in a hundred off by ten sigma.
    Outliers "outliers" = ScenarioConfig {
        outliers: Some(Outliers { share: 0.01, size: 100.0 }),
        ..plain()
    };
    /// In control, one sample in ten missing, and all of them for two minutes.
    Gaps "gaps" = ScenarioConfig {
        gap_share: 0.1,
        outages: vec![Outage { start_secs: 900.0, end_secs: 1020.0 }],
        ..plain()
    };

    /// `DriftWatch`, mode NORMAL, `latency_ms`: 150 ± 25, at least 1, ten a second for a minute.
    DriftwatchNormal "driftwatch_normal" = driftwatch(normal(150.0, 25.0), 1.0);
    /// `DriftWatch`, mode SPIKE, `latency_ms`: 500 ± 75 from 40 to 70 % of the run.
    DriftwatchSpike "driftwatch_spike" = with_phases(
        driftwatch(normal(150.0, 25.0), 1.0),
        vec![during(24.0, 42.0, normal(500.0, 75.0))],
    );
    /// `DriftWatch`, mode CREEP, `latency_ms`: the mean doubles in the course of the run, the deviation is 15 % of it.
    DriftwatchCreep "driftwatch_creep" = with_phases(
        driftwatch(normal(150.0, 22.5), 1.0),
        vec![from_to(0.0, 60.0, normal(150.0, 22.5), normal(300.0, 45.0))],
    );
    /// `DriftWatch`, all modes, `payload_kb`: log-normal with median 2.5, at least 0.1.
    DriftwatchPayload "driftwatch_payload" =
        driftwatch(Law::LogNormal { median: 2.5, sigma: 0.8 / 2.5 }, 0.1);

    /// The API failure injector, latency in ms of each request: 120 times a factor, ± 20, at least 10. The factor goes
    /// from 1 to 3 in seconds 60 to 180, is 2.5 until 240 and back at 1 by 300. Two requests a second for ten minutes.
    ApiLatency "api_latency" = with_phases(
        ScenarioConfig { min: Some(10.0), ..api(0.5, around(120.0, 20.0)) },
        vec![
            from_to(60.0, 180.0, around(120.0, 20.0), around(360.0, 20.0)),
            during(180.0, 240.0, around(300.0, 20.0)),
            from_to(240.0, 300.0, around(300.0, 20.0), around(120.0, 20.0)),
        ],
    );
    /// The API failure injector, failure of each request: 1 is status 500, 0 is 200. 2 % fail, 10 % in seconds 180 to
    /// 240, and ever fewer until 300.
    ApiErrors "api_errors" = with_phases(
        api(0.5, failing(0.02)),
        vec![during(180.0, 240.0, failing(0.1)), from_to(240.0, 300.0, failing(0.1), failing(0.02))],
    );
    /// The API failure injector, requests a second: 2 ± 1, in control throughout.
    ApiRequests "api_requests" = api(1.0, around(2.0, 1.0));

    /// The pipeline's stable producer, `cpu_usage`: 0.30 ± 0.05, 0 to 1, once a second for ten minutes.
    PipelineCpu "pipeline_cpu" = pipeline_share(CPU);
    /// The same, taken over for 20 s: mean shift to 0.70 ± 0.06.
    PipelineCpuMeanShift "pipeline_cpu_mean_shift" = taken_over(pipeline_share(CPU), normal(0.7, 0.06));
    /// The same, taken over for 20 s: the deviation increases to 0.15.
    PipelineCpuVarianceIncrease "pipeline_cpu_variance_increase" =
        taken_over(pipeline_share(CPU), normal(0.3, 0.15));
    /// The pipeline's stable producer, `memory_usage`: 0.55 ± 0.06, 0 to 1.
    PipelineMemory "pipeline_memory" = pipeline_share(MEMORY);
    /// The same, taken over for 20 s: mean shift to 0.85 ± 0.05.
    PipelineMemoryMeanShift "pipeline_memory_mean_shift" =
        taken_over(pipeline_share(MEMORY), normal(0.85, 0.05));
    /// The same, taken over for 20 s: the deviation increases to 0.15.
    PipelineMemoryVarianceIncrease "pipeline_memory_variance_increase" =
        taken_over(pipeline_share(MEMORY), normal(0.55, 0.15));
    /// The pipeline's stable producer, `request_latency` in ms: 120 ± 20, at least 1.
    PipelineLatency "pipeline_latency" = pipeline_latency();
    /// The same, taken over for 20 s: mean shift to 260 ± 40.
    PipelineLatencyMeanShift "pipeline_latency_mean_shift" =
        taken_over(pipeline_latency(), normal(260.0, 40.0));
    /// The same, taken over for 20 s: the deviation increases to 70.
    PipelineLatencyVarianceIncrease "pipeline_latency_variance_increase" =
        taken_over(pipeline_latency(), normal(120.0, 70.0));
}

const NORMAL: Law = normal(100.0, 10.0);
const CPU: Law = normal(0.3, 0.05);
const MEMORY: Law = normal(0.55, 0.06);

const fn normal(mean: f64, sd: f64) -> Law {
    Law::Normal { mean, sd, phi: 0.0 }
}

const fn around(middle: f64, reach: f64) -> Law {
    Law::Uniform { low: middle - reach, high: middle + reach }
}

const fn failing(share: f64) -> Law {
    Law::Bernoulli { share }
}

const fn during(start_secs: f64, end_secs: f64, law: Law) -> Phase {
    Phase { start_secs, end_secs, law, to: None }
}

const fn from_to(start_secs: f64, end_secs: f64, law: Law, to: Law) -> Phase {
    Phase { start_secs, end_secs, law, to: Some(to) }
}

fn plain() -> ScenarioConfig {
    ScenarioConfig {
        samples: 1800,
        interval_secs: 1.0,
        law: NORMAL,
        phases: vec![],
        season: None,
        outliers: None,
        gap_share: 0.0,
        outages: vec![],
        min: None,
        max: None,
    }
}

fn with_phases(config: ScenarioConfig, phases: Vec<Phase>) -> ScenarioConfig {
    ScenarioConfig { phases, ..config }
}

fn third_quarter(law: Law, to: Option<Law>) -> ScenarioConfig {
    with_phases(plain(), vec![Phase { start_secs: 900.0, end_secs: 1350.0, law, to }])
}

fn driftwatch(law: Law, min: f64) -> ScenarioConfig {
    ScenarioConfig { samples: 600, interval_secs: 0.1, law, min: Some(min), ..plain() }
}

fn api(interval_secs: f64, law: Law) -> ScenarioConfig {
    ScenarioConfig { interval_secs, law, ..plain() }.lasting(600.0)
}

fn pipeline_share(law: Law) -> ScenarioConfig {
    ScenarioConfig { samples: 600, law, min: Some(0.0), max: Some(1.0), ..plain() }
}

fn pipeline_latency() -> ScenarioConfig {
    ScenarioConfig { samples: 600, law: normal(120.0, 20.0), min: Some(1.0), ..plain() }
}

fn taken_over(config: ScenarioConfig, law: Law) -> ScenarioConfig {
    with_phases(config, vec![during(300.0, 320.0, law)])
}
