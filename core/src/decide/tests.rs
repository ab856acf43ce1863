//! Every state against every input, and the run rules at their edges.

use alloc::{vec, vec::Vec};

use super::*;

const QUIET: Input = Input::Scored(0.1);
const SUSPICIOUS: Input = Input::Scored(0.9);
const ALARMING: Input = Input::Scored(1.1);

fn inputs() -> [Input; 8] {
    [Input::Learning, Input::Ready, QUIET, SUSPICIOUS, ALARMING, Input::Silence, Input::Accept, Input::Reset]
}

fn memory(state: State) -> Memory {
    Memory { state, since: 0.0, counted: None, hits: [0; Rules::MOST] }
}

/// What is left open is as for the Page-Hinkley test: one score above 1 opens, one at .5 or below closes.
fn plan(decision: Decision) -> Plan {
    Plan::new(&decision, &Detector::default())
}

fn rule(hits: u8, window: u8, level: f64) -> RunRule {
    RunRule { hits, window, level }
}

#[test]
fn every_state_against_every_input() {
    use Cause::{Accepted, BaselineReady, Cleared, Drift, NoData, Recovered, Reset, Resumed, Suspicion};
    use State::{Drifting, InControl, Stale, WarmingUp, Warning};

    let to = |state, cause| Some((state, cause));
    // Columns: learning, ready, quiet, suspicious, alarming, silence, accept, reset.
    let table = [
        (
            WarmingUp,
            [
                None,
                to(InControl, BaselineReady),
                to(InControl, BaselineReady),
                to(InControl, BaselineReady),
                to(InControl, BaselineReady),
                to(Stale, NoData),
                None,
                None,
            ],
        ),
        (
            InControl,
            [
                to(WarmingUp, Reset),
                to(WarmingUp, Reset),
                None,
                to(Warning, Suspicion),
                to(Drifting, Drift),
                to(Stale, NoData),
                None,
                to(WarmingUp, Reset),
            ],
        ),
        (
            Warning,
            [
                to(WarmingUp, Reset),
                to(WarmingUp, Reset),
                to(InControl, Cleared),
                None,
                to(Drifting, Drift),
                to(Stale, NoData),
                to(InControl, Accepted),
                to(WarmingUp, Reset),
            ],
        ),
        (
            Drifting,
            [
                to(WarmingUp, Reset),
                to(WarmingUp, Reset),
                to(InControl, Recovered),
                None,
                None,
                to(Stale, NoData),
                to(InControl, Accepted),
                to(WarmingUp, Reset),
            ],
        ),
        (
            Stale,
            [
                to(WarmingUp, Resumed),
                to(InControl, Resumed),
                to(InControl, Resumed),
                to(InControl, Resumed),
                to(InControl, Resumed),
                None,
                None,
                to(WarmingUp, Reset),
            ],
        ),
    ];
    assert_eq!(table.map(|row| row.0), State::ALL);
    for (from, answers) in table {
        for (input, wanted) in inputs().into_iter().zip(answers) {
            let mut memory = memory(from);
            let transition = plan(Decision::default()).step(&mut memory, input, 7.0);
            let told = transition.map(|transition| (transition.to, transition.cause));
            assert_eq!(told, wanted, "{from:?} with {input:?}");
            assert!(transition.is_none_or(|transition| transition.from == from));
            assert_eq!(memory.state, wanted.map_or(from, |wanted| wanted.0));
            assert_eq!(memory.since, if wanted.is_some() { 7.0 } else { 0.0 });
        }
    }
}

#[test]
fn enter_rule_wants_k_of_the_newest_n() {
    let enter = Some(Rules::one(rule(3, 4, 1.0)));
    let decision = plan(Decision { enter, warn: Some(1.0), ..Decision::default() });
    let mut memory = memory(State::InControl);
    let mut drifts = |scores: &[f64]| {
        let steps = scores.iter().map(|score| decision.step(&mut memory, Input::Scored(*score), 0.0));
        steps.flatten().any(|transition| transition.cause == Cause::Drift)
    };
    assert!(!drifts(&[2.0, 0.0, 2.0, 0.0, 0.0, 0.0]), "two of four");
    assert!(!drifts(&[2.0, 2.0, 0.0, 0.0, 2.0]), "three, but of five");
    assert!(!drifts(&[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]), "at the level is not beyond it");
    assert!(drifts(&[0.0, 2.0, 2.0, 0.0, 2.0]), "three of four, with the warning in between cleared");
}

#[test]
fn exit_rule_counts_scores_within_its_own_level_since_the_alarm() {
    let exit = Exit::Within(rule(2, 3, 0.5));
    let decision = plan(Decision { exit: Some(exit), ..Decision::default() });
    let mut memory = memory(State::InControl);
    let scores = [1.5, 0.4, 0.6, 0.6, 0.5, 0.9, 0.5];
    let causes: Vec<_> = scores
        .map(|score| decision.step(&mut memory, Input::Scored(score), 0.0).map(|transition| transition.cause))
        .into();
    let mut wanted = vec![None; 7];
    wanted[0] = Some(Cause::Drift);
    wanted[6] = Some(Cause::Recovered);
    assert_eq!(causes, wanted);
}

#[test]
fn drift_is_adopted_when_it_has_lasted_long_enough() {
    let decision = plan(Decision { adopt_secs: Some(60.0), ..Decision::default() });
    let mut memory = memory(State::Drifting);
    assert_eq!(decision.step(&mut memory, ALARMING, 59.0), None);
    let transition = decision.step(&mut memory, ALARMING, 60.0).unwrap();
    assert_eq!((transition.to, transition.cause), (State::InControl, Cause::Adopted));
}

#[test]
fn classical_use_opens_a_drift_without_leaving_control() {
    let decision = plan(Decision { exit: Some(Exit::Adopt), ..Decision::default() });
    let mut memory = memory(State::InControl);
    for _ in 0..3 {
        let transition = decision.step(&mut memory, ALARMING, 0.0).unwrap();
        assert_eq!((transition.to, transition.cause), (State::InControl, Cause::Drift));
    }
}

#[test]
fn a_rule_over_all_64_remembered_scores_works() {
    let enter = Some(Rules::one(rule(64, 64, 1.0)));
    let decision = plan(Decision { enter, warn: Some(1.0), ..Decision::default() });
    let mut memory = memory(State::InControl);
    let steps = (0..64).map(|_| decision.step(&mut memory, ALARMING, 0.0).map(|transition| transition.cause));
    let causes: Vec<_> = steps.collect();
    assert_eq!(causes[63], Some(Cause::Drift));
    assert!(!causes[..63].contains(&Some(Cause::Drift)));
}

#[test]
fn of_several_rules_the_first_that_is_met_is_named_with_its_hits() {
    let enter = Some(Rules::two(rule(5, 5, 1.0), rule(3, 6, 0.8)));
    let decision = plan(Decision { enter, warn: Some(1.0), ..Decision::default() });
    let fired = |scores: &[f64]| {
        let mut memory = memory(State::InControl);
        let steps = scores.iter().filter_map(|score| decision.step(&mut memory, Input::Scored(*score), 0.0));
        steps.filter_map(|transition| transition.fired).next_back()
    };
    assert_eq!(fired(&[0.9, 0.0, 0.9, 0.0, 0.9]), Some(Fired { rule: rule(3, 6, 0.8), hits: 3 }));
    assert_eq!(fired(&[0.9, 0.0, 0.0, 0.9, 0.0, 0.0, 0.9]), None);
    let enter = Some(Rules::two(rule(2, 2, 1.0), rule(2, 6, 0.8)));
    let decision = plan(Decision { enter, warn: Some(9.0), ..Decision::default() });
    let mut memory = memory(State::InControl);
    decision.step(&mut memory, ALARMING, 0.0);
    let transition = decision.step(&mut memory, ALARMING, 0.0).unwrap();
    assert_eq!(transition.fired, Some(Fired { rule: rule(2, 2, 1.0), hits: 2 }));
}

#[test]
fn learning_goes_on_in_control_only_unless_it_is_to_go_on_always() {
    let careful = plan(Decision::default());
    let always = plan(Decision { learning: Learning::Always, ..Decision::default() });
    let steady = plan(Decision { learning: Learning::Steady, ..Decision::default() });
    for state in State::ALL {
        assert_eq!(careful.learns(state, 2.0), state == State::InControl);
        assert!(always.learns(state, 2.0));
        assert_eq!(steady.learns(state, 0.5), state == State::InControl);
        assert!(!steady.learns(state, -0.7));
    }
}

#[test]
fn the_lean_is_that_of_recent_residuals_and_no_single_one_s() {
    assert!(lean(0.0, 1e9) < 0.2);
    let after = |residual: f64, count: usize| (0..count).fold(0.0, |so_far, _| lean(so_far, residual));
    assert!(after(1.0, 20) > MOST_LEAN && after(0.5, 1_000) < MOST_LEAN);
    assert!(after(-1.0, 20) < -MOST_LEAN);
}
