import type { ChallengeRejection } from './challenge.js';
import type { Channel, DeliveryFault } from './delivery.js';
import type { ClosedBudget, Fact, JudgedFact } from './event-fact.js';
import type { Base64url, ChallengeIdText, Count, DeviceIdText, UnixMs } from './units.js';

/** What happens to codes for one purpose. */

interface OfChallenge {
  /** the challenge's id */
  challenge: ChallengeIdText;
}

/** a code for one purpose was ordered; written before the key service makes it, or the question that a device is to answer */
export interface ChallengeIssued extends Fact, OfChallenge {
  type: 'challenge_issued';
  /** it counts until then */
  expiresAt: UnixMs;
  /** callers that may verify it, beside the one that asked */
  verifiers?: string[];
  /** what it is for */
  purpose?: string;
  /** what else it is bound to */
  bound?: ('transaction' | 'device' | 'network' | 'place')[];
  /** caller: sealed to the one that asked. device: an OCRA device's response will be it. Else how it is sent */
  to: 'caller' | 'device' | Channel;
}

/** it was asked to be sent once more */
export interface ChallengeSending extends Fact, OfChallenge {
  type: 'challenge_sending';
  /** how */
  to: Channel;
}

/** delivery handed it on */
export interface ChallengeSent extends Fact, OfChallenge {
  type: 'challenge_sent';
  /** how */
  to: Channel;
  /** how often it was tried */
  attempts: Count;
}

/** delivery could not hand it on */
export interface ChallengeUndelivered extends Fact, OfChallenge {
  type: 'challenge_undelivered';
  /** how it was to be sent */
  to: Channel;
  /** how often it was tried */
  attempts: Count;
  /** refused: the other side does not take it. expired: nobody took it in time. stopped: delivery was stopped */
  reason?: DeliveryFault;
}

/** its code came, and all held that it is bound to; it is used up */
export interface ChallengeAccepted extends JudgedFact, OfChallenge {
  type: 'challenge_accepted';
  /** the HSM's MAC over the challenge and, where a device answered, over all below: proof that its code was shown */
  receipt: Base64url;
  /** the OCRA device that answered */
  device?: DeviceIdText;
  /** its counter or time step; 0 where its suite has neither */
  counter?: Count;
  /** SHA-256 of the transaction that it answered for, in its canonical form (RFC 8785) */
  signed?: Base64url;
}

/** a wrong code, or one for something else; costs an attempt and, where it could be verified at all, one of its tries */
export interface ChallengeRejected extends JudgedFact, OfChallenge {
  type: 'challenge_rejected';
  /** what was wrong */
  reason: ChallengeRejection;
  /** the budget that this one closed, or keeps closed for longer */
  closed?: ClosedBudget;
}

/** nobody can use it any more */
export interface ChallengeCancelled extends Fact, OfChallenge {
  type: 'challenge_cancelled';
}
