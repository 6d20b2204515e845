import type { ExchangeReply } from '@countersign/contracts';
import { beginExchange } from '@countersign/pairing';
import type { Question } from '../../history/entry.js';
import type { Actor } from '../actor.js';
import type { Connected, Reply } from '../asker.js';
import { HeldDevice } from '../held-device.js';
import { newName, newOrigin, newType, profileFor, type Named, type Person } from '../people.js';

const TRIES = 5;
const MISTYPES_FIRST = 0.2;
const MOST_DEVICES = 8; // an account holds 16, and exchanges that nobody finished count until they expire

/** Somebody new: an account, a device by exchange, and its first code sent several times at once. */
export async function enrolSomebody(actor: Actor): Promise<void> {
  const { stage, chance } = actor;
  const tenant = chance.among(stage.callers.tenants);
  const named = await makeAccount(actor, tenant);
  if (!named) return;
  const device = await makeDevice(actor, named);
  if (device) stage.people.join({ ...named, device, ...newOrigin(chance), standing: 'active', devices: 1 });
}

/** Another device for somebody whose own was revoked. False: not now. */
export async function enrolAnother(actor: Actor, person: Person): Promise<boolean> {
  if (person.devices >= MOST_DEVICES) return false;
  person.devices += 1;
  const device = await makeDevice(actor, person);
  if (!device) return false;
  person.device = device;
  person.standing = 'active';
  return true;
}

/** A question that may have been done although nothing came back is not asked again: the next try has another name. */
async function makeAccount({ stage, chance }: Actor, tenant: string): Promise<Named | undefined> {
  const name = newName(chance);
  const reply = await stage.asker.ask(
    stage.callers.enroller(tenant),
    { name, account: '' },
    { verb: 'account.create' },
  );
  return reply.kind === 'done' ? { tenant, name, account: reply.reply['id'] as string } : undefined;
}

async function makeDevice(actor: Actor, named: Named): Promise<HeldDevice | undefined> {
  const device = await exchange(actor, named);
  if (!device) return undefined;
  actor.born(named, device);
  return (await confirm(actor, named, device)) ? device : undefined;
}

async function exchange({ stage, chance, rest }: Actor, named: Named): Promise<HeldDevice | undefined> {
  const type = newType(chance);
  const profile = profileFor(type);
  for (let again = 0; again < TRIES; again += 1) {
    const begun = beginExchange();
    const message = { ...profile, point: begun.point };
    const reply = await stage.asker.ask(
      stage.callers.enroller(named.tenant),
      named,
      { verb: 'enroll.exchange' },
      message,
    );
    if (reply.kind === 'done') {
      const answer = reply.reply as unknown as ExchangeReply;
      const key = begun.finish(answer, stage.identityKey, { tenant: named.tenant, profile });
      return new HeldDevice(answer.device, type, Buffer.from(key.reveal()));
    }
    if (reply.kind !== 'failure' || reply.code === 'LIMIT') return undefined;
    await rest(reply, again);
  }
  return undefined;
}

/** The first code, sent several times at once by those who may; then until it is known. */
async function confirm(actor: Actor, named: Named, device: HeldDevice): Promise<boolean> {
  const { stage, chance } = actor;
  const confirmer = (): Connected => stage.callers.confirmer(named.tenant, chance);
  if (chance.happens(MISTYPES_FIRST)) {
    const [code = ''] = device.wrong(1, chance);
    await actor.ask(confirmer(), named, {
      verb: 'device.confirm',
      device: device.id,
      code,
      requestId: actor.requestId(),
    });
  }
  const counter = device.fresh(stage.clock.now());
  if (counter === undefined) return false;
  stage.shown();
  const first: Question = {
    verb: 'device.confirm',
    device: device.id,
    code: device.code(counter),
    requestId: actor.requestId(),
    counter,
  };
  const by = confirmer();
  const others = Array.from({ length: stage.copies - 1 }, () => ({ ...first, requestId: actor.requestId() }));
  const copies = others.map((copy) => actor.ask(confirmer(), named, copy));
  const replies = await Promise.all([actor.ask(by, named, first), ...copies]);
  const known =
    replies.some(isActive) || isActive(await actor.insist(() => stage.callers.same(by, chance), named, first));
  const spent = { shownBy: device.id, counter, code: first.code, named: false };
  device.gone({ ...spent, by: stage.callers.verifier(named.tenant, chance), requestId: actor.requestId() });
  return known;
}

/** CONFLICT: it is not pending any more, since another copy was first. */
const isActive = (reply: Reply): boolean =>
  reply.kind === 'verdict'
    ? reply.verdict.verdict === 'accepted'
    : reply.kind === 'failure' && reply.code === 'CONFLICT';
