//! What monitors and adaptive detectors have in common: samples in, verdicts and events out.

/// Exports a core type that answers samples with verdicts. `$resume` makes one of its settings and saved bytes.
macro_rules! corridor {
    ($core:ident, $resume:expr, $bytes:ident) => {
        use alloc::{boxed::Box, vec::Vec};

        use drift_sre::{Direction, Sample, Verdict};

        use crate::{
            event::Told,
            exports,
            scratch::{SIZE, Scratch},
            wire::{accepted, read},
        };

        /// It, and the events of the last call.
        #[derive(Debug)]
        pub(crate) struct Corridor {
            inner: drift_sre::$core,
            told: Vec<Told>,
        }

        exports! {
            /// One of settings, which are so many of the bytes, that has seen nothing, or that goes on from what was saved, which
            /// are the others.
            fn corridor_make(scratch: &mut Scratch, config: usize, resumes: bool) -> Option<Box<Corridor>> {
                let bytes = scratch.take();
                let (config, saved) = bytes.split_at_checked(config)?;
                let inner = if resumes {
                    accepted($resume(config, saved)?)?
                } else {
                    accepted(drift_sre::$core::new(read(config)?))?
                };
                Some(Box::new(Corridor { inner, told: Vec::new() }))
            }

            /// It is not used any more.
            fn corridor_free(corridor: Box<Corridor>) {
                drop(corridor);
            }

            /// Takes one sample; the answer is the state, plus 8 if there is a score, 16 if it leans up, 32 if there is an
            /// event.
            fn corridor_update(corridor: &mut Corridor, value: f64, at: f64) -> u32 {
                let Verdict { state, score, event } = corridor.inner.update(Sample::new(at, value));
                corridor.tell(event);
                let lean = score.map_or(0, |score| if score.direction == Direction::Up { 24 } else { 8 });
                state as u32 | lean | if event.is_some() { 32 } else { 0 }
            }

            /// Takes so many samples from the scratch and answers there; tells how many events there are.
            fn corridor_update_many(corridor: &mut Corridor, scratch: &mut Scratch, count: u32) -> usize {
                let Corridor { inner, told } = corridor;
                told.clear();
                for (index, position) in (0..count).zip(0..SIZE) {
                    let (value, at) = scratch.sample(position);
                    let Verdict { state, score, event } = inner.update(Sample::new(at, value));
                    let (lower, upper) = inner.band().unzip();
                    let score = score.map(|score| score.value);
                    scratch.answer(position, [score, inner.level(), lower, upper]);
                    scratch.states[position] = state as u8;
                    if let Some(event) = event {
                        told.push(Told::new(index, event));
                    }
                }
                told.len()
            }

            /// Leaves the events of the last call; tells how many bytes they are.
            fn corridor_told(corridor: &mut Corridor, scratch: &mut Scratch) -> usize {
                scratch.tell(drift_sre::pack(core::mem::take(&mut corridor.told)))
            }

            /// Time passes without a sample (0), the present level is normal (1), everything is forgotten (2).
            fn corridor_act(corridor: &mut Corridor, what: u32, at: f64) {
                let event = match what {
                    0 => corridor.inner.advance(at),
                    1 => corridor.inner.accept(),
                    _ => corridor.inner.reset(),
                };
                corridor.tell(event);
            }

            /// Other settings from now on.
            fn corridor_reconfigure(corridor: &mut Corridor, scratch: &Scratch) {
                if let Some(config) = read(&scratch.bytes) {
                    accepted(corridor.inner.reconfigure(config));
                }
            }

            /// One of its numbers, NaN if it has none: the state, usable samples so far, the newest score, what is normal, the
            /// bounds of what is expected, the time of the newest usable sample.
            fn corridor_read(corridor: &Corridor, what: u32) -> f64 {
                let inner = &corridor.inner;
                let number = match what {
                    0 => Some(f64::from(inner.state() as u8)),
                    1 => Some(inner.samples() as f64),
                    2 => inner.score().map(|score| score.value),
                    3 => inner.level(),
                    4 => inner.band().map(|(lower, _)| lower),
                    5 => inner.band().map(|(_, upper)| upper),
                    _ => inner.newest(),
                };
                number.unwrap_or(f64::NAN)
            }

            /// Leaves what was learned; tells how many bytes it is.
            fn corridor_bytes(corridor: &mut Corridor, scratch: &mut Scratch) -> usize {
                scratch.tell(corridor.inner.$bytes())
            }
        }

        impl Corridor {
            fn tell(&mut self, event: Option<drift_sre::Event>) {
                self.told.clear();
                if let Some(event) = event {
                    self.told.push(Told::new(0, event));
                }
            }
        }
    };
}

pub(crate) use corridor;
