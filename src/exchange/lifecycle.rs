//! What may become of a message, and by whom.

use crate::platform::types::text_enum;

text_enum! {
    /// Where a message stands.
    pub enum MessageState {
        /// Its sender still writes it; nobody else sees it.
        Draft = "draft",
        /// Its sender gave it up before it was sent.
        Discarded = "discarded",
        /// Sent.
        Sent = "sent",
        /// The receiver has it.
        Received = "received",
        /// Accepted as a whole.
        Accepted = "accepted",
        /// Some of its records were accepted.
        AcceptedInPart = "acceptedInPart",
        /// Refused as a whole.
        Refused = "refused",
        /// The sender took note of the answer.
        Settled = "settled",
    }
}

/// Why a step cannot follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepError {
    /// It is for the other side.
    OtherSide,
    /// Not from this state.
    NotNow,
}

/// Whether a message goes to a state, by its sender or its receiver.
pub(super) fn check_step(from: MessageState, to: MessageState, by_sender: bool) -> Result<(), StepError> {
    use MessageState::{Accepted, AcceptedInPart, Discarded, Draft, Received, Refused, Sent, Settled};
    let (of_sender, before): (bool, &[MessageState]) = match to {
        Draft => return Err(StepError::NotNow),
        Discarded | Sent => (true, &[Draft]),
        Received => (false, &[Sent]),
        Accepted | AcceptedInPart | Refused => (false, &[Sent, Received]),
        Settled => (true, &[Accepted, AcceptedInPart, Refused]),
    };
    if of_sender != by_sender {
        return Err(StepError::OtherSide);
    }
    if before.contains(&from) { Ok(()) } else { Err(StepError::NotNow) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MessageState::{Accepted, AcceptedInPart, Discarded, Draft, Received, Refused, Sent, Settled};

    #[test]
    fn each_state_follows_only_from_those_before_it_and_by_its_own_side() {
        let allowed = [
            (Draft, Discarded, true),
            (Draft, Sent, true),
            (Sent, Received, false),
            (Sent, Accepted, false),
            (Sent, AcceptedInPart, false),
            (Sent, Refused, false),
            (Received, Accepted, false),
            (Received, AcceptedInPart, false),
            (Received, Refused, false),
            (Accepted, Settled, true),
            (AcceptedInPart, Settled, true),
            (Refused, Settled, true),
        ];
        for from in MessageState::ALL {
            for to in MessageState::ALL {
                for by_sender in [true, false] {
                    let expected = allowed.contains(&(*from, *to, by_sender));
                    assert_eq!(check_step(*from, *to, by_sender).is_ok(), expected, "{from} to {to}, by sender {by_sender}");
                }
            }
        }
    }

    #[test]
    fn a_step_of_the_other_side_is_told_apart_from_one_too_early() {
        assert_eq!(check_step(Sent, Received, true), Err(StepError::OtherSide));
        assert_eq!(check_step(Draft, Received, false), Err(StepError::NotNow));
    }
}
