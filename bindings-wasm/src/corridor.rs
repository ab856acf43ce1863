//! What monitors and adaptive detectors have in common: samples in, verdicts and events out.

/// Makes a class round a core type that answers samples with verdicts.
macro_rules! corridor_class {
    ($(#[$doc:meta])* $name:ident, $bytes:ident) => {
        $(#[$doc])*
        #[wasm_bindgen]
        #[derive(Debug)]
        pub struct $name {
            inner: drift_sre::$name,
            told: Vec<Told>,
        }

        #[wasm_bindgen]
        impl $name {
            /// Takes one sample; the answer is the state, plus 8 if there is a score, 16 if it leans up, 32 if there is an
            /// event.
            pub fn update(&mut self, value: f64, at: f64) -> u32 {
                self.told.clear();
                let Verdict { state, score, event } = self.inner.update(Sample::new(at, value));
                self.told.extend(event.map(|event| Told::new(0, event)));
                let lean = score.map_or(0, |score| if score.direction == Direction::Up { 24 } else { 8 });
                state as u32 | lean | if event.is_some() { 32 } else { 0 }
            }

            /// Takes so many samples from the scratch and answers there; tells how many events there are.
            #[wasm_bindgen(js_name = updateMany)]
            pub fn update_many(&mut self, scratch: &mut Scratch, count: u32) -> usize {
                self.told.clear();
                for (position, index) in (0..count).enumerate().take(Scratch::size()) {
                    let (value, at) = scratch.sample(position);
                    let Verdict { state, score, event } = self.inner.update(Sample::new(at, value));
                    let (lower, upper) = self.inner.band().unzip();
                    let score = score.map(|score| score.value);
                    scratch.answer(position, [score, self.inner.level(), lower, upper]);
                    scratch.states[position] = state as u8;
                    self.told.extend(event.map(|event| Told::new(index, event)));
                }
                self.told.len()
            }

            /// The events of the last batch, or the event of the last sample.
            pub fn told(&self) -> Vec<u8> {
                wire::write(&self.told)
            }

            /// Time passes without a sample.
            pub fn advance(&mut self, at: f64) -> Vec<u8> {
                told(self.inner.advance(at))
            }

            /// The present level is normal.
            pub fn accept(&mut self) -> Vec<u8> {
                told(self.inner.accept())
            }

            /// Forgets everything.
            pub fn reset(&mut self) -> Vec<u8> {
                told(self.inner.reset())
            }

            /// Other settings from now on.
            ///
            /// # Errors
            /// Those of the core.
            pub fn reconfigure(&mut self, config: &[u8]) -> Result<(), JsValue> {
                self.inner.reconfigure(wire::read(config)?).map_err(refused)
            }

            /// Where the series stands.
            pub fn state(&self) -> u32 {
                self.inner.state() as u32
            }

            /// Usable samples so far.
            pub fn samples(&self) -> f64 {
                self.inner.samples() as f64
            }

            /// The newest score.
            pub fn score(&self) -> f64 {
                self.inner.score().map_or(f64::NAN, |score| score.value)
            }

            /// What is normal.
            pub fn level(&self) -> f64 {
                self.inner.level().unwrap_or(f64::NAN)
            }

            /// The lower bound of what is expected.
            pub fn lower(&self) -> f64 {
                self.inner.band().map_or(f64::NAN, |(lower, _)| lower)
            }

            /// The upper bound of what is expected.
            pub fn upper(&self) -> f64 {
                self.inner.band().map_or(f64::NAN, |(_, upper)| upper)
            }

            /// The time of the newest usable sample.
            pub fn newest(&self) -> f64 {
                self.inner.newest().unwrap_or(f64::NAN)
            }

            /// What was learned.
            pub fn bytes(&self) -> Vec<u8> {
                self.inner.$bytes()
            }
        }
    };
}

pub(crate) use corridor_class;
