import type { IssueActivationReply, IssueActivationRequest, RedeemActivationRequest } from './activation.js';
import type {
  AuditReceipt,
  CheckpointReply,
  CheckpointRequest,
  EntryReply,
  EntryRequest,
  EventsReply,
  EventsRequest,
  ProofReply,
  ProofRequest,
  ReceiptRequest,
} from './audit.js';
import type {
  CancelChallengeReply,
  CancelChallengeRequest,
  ChallengeVerdict,
  IssueChallengeReply,
  IssueChallengeRequest,
  SendChallengeReply,
  SendChallengeRequest,
  VerifyChallengeRequest,
} from './challenge.js';
import type {
  AccountNamesReply,
  AccountNamesRequest,
  AccountReply,
  AccountRequest,
  BeginImportReply,
  BeginImportRequest,
  CreateAccountReply,
  CreateAccountRequest,
  DeviceListReply,
  DeviceReply,
  DeviceRequest,
  ExchangeReply,
  ExchangeRequest,
  ImportBatchReply,
  ImportBatchRequest,
  ImportKeyAnswer,
  ImportKeyQuery,
  ImportReply,
  ImportRequest,
} from './enrollment.js';
import type {
  AttestReply,
  AttestRequest,
  BeginRekeyReply,
  BeginRekeyRequest,
  ConfirmRekeyRequest,
  EraseReply,
  EraseRequest,
  ReplaceRequest,
} from './life.js';
import type {
  ConfirmPairingReply,
  ConfirmPairingRequest,
  OpenPairingReply,
  OpenPairingRequest,
  SharePairingReply,
  SharePairingRequest,
} from './pairing.js';
import type { PolicyHistoryReply, PolicyHistoryRequest, PolicyQuery, PolicyReply, SetPolicyRequest } from './policy.js';
import type { IssueRecoveryReply, IssueRecoveryRequest, RecoverRequest } from './recovery.js';
import type { IssueSheetReply, IssueSheetRequest, VerifySheetRequest } from './sheet.js';
import type { ConfirmRequest, ResyncRequest, UnlockReply, UnlockRequest, Verdict, VerifyRequest } from './verdict.js';

/** What each verb asks and is answered. The caller library's types and docs/api/asyncapi.json are made from it. */
export interface Questions {
  /** Does this code open this account? */
  verify: { request: VerifyRequest; reply: Verdict };
  /** The first code of a pending device; accepted, it activates the device and is spent. */
  'device.confirm': { request: ConfirmRequest; reply: Verdict };
  /** The first code of a device's next key; accepted, only that key works from then on. */
  'rekey.confirm': { request: ConfirmRekeyRequest; reply: Verdict };
  /** Two codes in a row of an HOTP device bring its counter up to date; it opens nothing. */
  resync: { request: ResyncRequest; reply: Verdict };
  /** One code of a recovery sheet opens the account, once. */
  recover: { request: RecoverRequest; reply: Verdict };
  /** One code of a sheet for somebody offline, once. */
  'sheet.verify': { request: VerifySheetRequest; reply: Verdict };
  /** A code for one purpose, sent to a person or sealed to the caller; it counts once. */
  'challenge.issue': { request: IssueChallengeRequest; reply: IssueChallengeReply };
  /** Is this the code of the challenge, and does all hold that it is bound to? */
  'challenge.verify': { request: VerifyChallengeRequest; reply: ChallengeVerdict };
  /** Has a challenge's code sent again. */
  'challenge.send': { request: SendChallengeRequest; reply: SendChallengeReply };
  /** A challenge's code is never accepted again. */
  'challenge.cancel': { request: CancelChallengeRequest; reply: CancelChallengeReply };
  /** Opens both budgets of wrong codes again. */
  'account.unlock': { request: UnlockRequest; reply: UnlockReply };
  /** Makes an account under one or more names. */
  'account.create': { request: CreateAccountRequest; reply: CreateAccountReply };
  /** What an account's names are; with `add` or `remove`, changed first. */
  'account.names': { request: AccountNamesRequest; reply: AccountNamesReply };
  /** An account's devices and budgets. */
  'account.get': { request: AccountRequest; reply: AccountReply };
  /** A new device; its key comes back wrapped for the holder of `point` alone. */
  'enroll.exchange': { request: ExchangeRequest; reply: ExchangeReply };
  /** An invitation to show to the account's owner: it lets one device enrol itself, once. */
  'activation.issue': { request: IssueActivationRequest; reply: IssueActivationReply };
  /** Enrols the device that brings an invitation's token, and spends the token. */
  'activation.redeem': { request: RedeemActivationRequest; reply: ExchangeReply };
  /** A sheet of recovery codes in the place of the one before; its key comes back wrapped for the holder of `point` alone. */
  'recovery.issue': { request: IssueRecoveryRequest; reply: IssueRecoveryReply };
  /** Codes for somebody who will be offline, sealed to a pinned recipient. */
  'sheet.issue': { request: IssueSheetRequest; reply: IssueSheetReply };
  /** A session in which one device pairs by a PIN that a person carries from screen to screen. */
  'pair.open': { request: OpenPairingRequest; reply: OpenPairingReply };
  /** A device's first message, of the replica that opened the session; spends a try. */
  'pair.share': { request: SharePairingRequest; reply: SharePairingReply };
  /** The device's proof; the new device's key comes back wrapped for it and sealed. */
  'pair.confirm': { request: ConfirmPairingRequest; reply: ConfirmPairingReply };
  /** A device's next key, for whoever proves its present one. */
  'rekey.begin': { request: BeginRekeyRequest; reply: BeginRekeyReply };
  /** How a device stands, and which of its keys works, signed by the platform. */
  'device.attest': { request: AttestRequest; reply: AttestReply };
  /** A new device in the place of one, which is revoked when the new one is confirmed. */
  'device.replace': { request: ReplaceRequest; reply: ExchangeReply };
  /** An account's devices. */
  'device.list': { request: AccountRequest; reply: DeviceListReply };
  /** A device's codes are not accepted until it is enabled again. */
  'device.disable': { request: DeviceRequest; reply: DeviceReply };
  /** A disabled device's codes are accepted again. */
  'device.enable': { request: DeviceRequest; reply: DeviceReply };
  /** A device's codes are never accepted again. */
  'device.revoke': { request: DeviceRequest; reply: DeviceReply };
  /** An account without names, devices and origins; its history stays, and shows nobody. */
  'account.erase': { request: EraseRequest; reply: EraseReply };
  /** A device with an existing seed, wrapped by the asking client to the HSM. */
  'device.import': { request: ImportRequest; reply: ImportReply };
  /** What an importing client wraps seeds to. */
  'device.import.key': { request: ImportKeyQuery; reply: ImportKeyAnswer };
  /** The accounts that up to 64 devices are for, made where they are not there, and which devices are there already. */
  'device.import.begin': { request: BeginImportRequest; reply: BeginImportReply };
  /** Up to 64 devices with existing seeds, each wrapped for itself; each has its own result. */
  'device.import.batch': { request: ImportBatchRequest; reply: ImportBatchReply };
  /** What the tenant decided about guesses, codes and origins. */
  'policy.get': { request: PolicyQuery; reply: PolicyReply };
  /** Decides it anew; in force everywhere 5 s after the answer. */
  'policy.set': { request: SetPolicyRequest; reply: PolicyReply };
  /** Every policy there ever was, the first one first. */
  'policy.history': { request: PolicyHistoryRequest; reply: PolicyHistoryReply };
  /** The tenant's events in order, a page at a time; with `waitMs` a long poll. */
  'audit.events': { request: EventsRequest; reply: EventsReply };
  /** The log's last checkpoint; with `after` and `waitMs` a long poll. */
  'audit.checkpoint': { request: CheckpointRequest; reply: CheckpointReply };
  /** That an entry is in the log, or that the log begins with an older one. */
  'audit.proof': { request: ProofRequest; reply: ProofReply };
  /** Entries of the log in order: the tenant's own whole, others by their hashes. */
  'audit.entry': { request: EntryRequest; reply: EntryReply };
  /** One event, the proof that it is in the log, and the checkpoint that signs the log: to check offline. */
  'audit.receipt': { request: ReceiptRequest; reply: AuditReceipt };
}
