import { parseTenant, type DeliverReply, type DeliverRequest, type TakenNote } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';
import type { RecipientKey } from '@countersign/sealing';
import type { Channels } from '../channels/channels.js';
import { unsendable } from '../channels/unsendable.js';
import type { Limits, RecipientDigest } from '../limits/limits.js';
import type { Recent } from '../limits/recent.js';
import { valuesOf, type Sender } from '../sending/sender.js';
import type { Chosen, Templates } from '../templates/templates.js';
import type { TenantSettings } from '../tenants/tenant-settings.js';
import { idOf, openSealed } from './open-sealed.js';

export interface TakingParts {
  key: RecipientKey;
  clock: Clock;
  channels: Channels;
  tenants: TenantSettings;
  templates: Templates;
  limits: Limits;
  digest: RecipientDigest;
  recent: Recent;
  sender: Sender;
  /** counts a message that is taken: here, in the file, and at the other replicas */
  count: (taken: TakenNote) => void;
}

const DEFAULT_TEMPLATE = 'code';

/** Decides whether a message is taken. What is refused costs nobody anything: it is neither counted nor sent. */
export class Taking {
  constructor(private readonly parts: TakingParts) {}

  /** Throws INVALID_ARGUMENT naming the field, LIMIT, or UNAVAILABLE. */
  async take(request: DeliverRequest): Promise<DeliverReply> {
    const { clock, channels, key, recent, limits, sender, digest, count } = this.parts;
    const { account, challenge, to, expiresAt, purpose, fields = {} } = request;
    const tenant = parseTenant(request.tenant);
    const channel = channels[request.channel];
    channel.check(tenant, to);
    const { template, language } = this.choose(request);
    const code = await openSealed(key, request);
    // from here on in one go: two of the same at once are one
    const now = clock.now();
    if (expiresAt <= now) throw unsendable('expiresAt', 'a time to come');
    const id = idOf(request);
    if (recent.has(id)) return { taken: true };
    const taken: TakenNote = { id, tenant, recipient: digest.of(tenant, request.channel, to), at: now };
    sender.assertRoom();
    limits.admit(taken);
    count(taken);
    if (request.nobody) {
      code[Symbol.dispose]();
      return { taken: true };
    }
    const about = { id, tenant, account, challenge, to, language, fields, expiresAt };
    sender.take({ ...about, ...(purpose !== undefined && { purpose }), channel, code, template });
    return { taken: true };
  }

  private choose({
    tenant,
    template: name = DEFAULT_TEMPLATE,
    language,
    purpose,
    fields = {},
  }: DeliverRequest): Chosen {
    const { templates, tenants } = this.parts;
    const chosen = templates.find(tenant, name, language, tenants.of(tenant).language);
    if (!chosen) throw unsendable('template', `there is no template ${name}`);
    const given = { code: '', minutes: '', ...valuesOf({ fields, ...(purpose !== undefined && { purpose }) }) };
    const missing = [...chosen.template.needs].filter((placeholder) => !(placeholder in given));
    if (missing.length > 0) throw unsendable('fields', `the template ${name} shows ${missing.join(', ')}, too`);
    return chosen;
  }
}
