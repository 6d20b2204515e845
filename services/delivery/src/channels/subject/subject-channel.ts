import type { Bus } from '@countersign/bus';
import { TENANT_PATTERN, courierSubject, type Caller, type Tenant } from '@countersign/contracts';
import type { ChannelDriver, Outcome, Outgoing } from '../channel.js';
import { payloadOf } from '../payload.js';
import { splitRecipient, unsendable } from '../unsendable.js';

/**
 * A subject inside the tenant's own NATS account, heard by the courier that `to` names. One way: sent means that NATS has
 * it, not that somebody listened.
 */
export class SubjectChannel implements ChannelDriver {
  readonly name = 'subject';

  constructor(private readonly bus: Bus) {}

  check(_tenant: Tenant, to: string): void {
    courierOf(to);
  }

  async send(message: Outgoing, signal: AbortSignal): Promise<Outcome> {
    if (!this.bus.connected) return { kind: 'again', why: 'not connected to NATS' };
    const { courier, recipient } = courierOf(message.to);
    this.bus.publish(courierSubject(courier, message.tenant), payloadOf(message, recipient));
    return (await this.arrived(signal)) ? { kind: 'sent' } : { kind: 'again', why: 'NATS did not confirm in time' };
  }

  /** The server answers a ping after what was published before it. */
  private arrived(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(false), { once: true });
      this.bus.rtt().then(
        () => resolve(true),
        () => resolve(false),
      );
    });
  }
}

function courierOf(to: string): { courier: Caller; recipient: string } {
  const { name, recipient } = splitRecipient(to, 'the name of a courier');
  if (!TENANT_PATTERN.test(name)) throw unsendable('to', 'a courier is named by a-z, 0-9 and -, at most 32');
  return { courier: name as Caller, recipient };
}
