import type { Bus } from '@countersign/bus';
import type { Channel } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';
import type { TenantSettings } from '../tenants/tenant-settings.js';
import type { ChannelDriver } from './channel.js';
import { MailChannel, type Relay } from './mail/mail-channel.js';
import { SubjectChannel } from './subject/subject-channel.js';
import type { Reachable } from './webhook/reachable.js';
import { WebhookChannel } from './webhook/webhook-channel.js';

export interface ChannelParts {
  bus: Bus;
  clock: Clock;
  tenants: TenantSettings;
  relay?: Relay;
  reachable: Reachable;
}

export type Channels = Record<Channel, ChannelDriver>;

/** Every way of sending; a new one is a line here. */
export const channelsOf = ({ bus, clock, tenants, relay, reachable }: ChannelParts): Channels => ({
  mail: new MailChannel(relay, tenants),
  webhook: new WebhookChannel(tenants, reachable, clock),
  subject: new SubjectChannel(bus),
});
