import type { Secret } from '@countersign/runtime';
import type { Mailbox } from '../channels/mail/address.js';

/** Where a tenant's codes are posted. */
export interface Endpoint {
  url: URL;
  /** each signs */
  secrets: Secret[];
  /** PEM of the certificates to trust; absent: the system's */
  ca?: string;
}

export interface TenantSetting {
  /** of templates, where a wish names none */
  language: string;
  /** sender of mail; absent: this tenant sends none */
  from?: Mailbox;
  endpoints: ReadonlyMap<string, Endpoint>;
}

const NOTHING: TenantSetting = { language: 'en', endpoints: new Map() };

/** What the configuration says about each tenant. */
export class TenantSettings {
  constructor(private readonly settings: ReadonlyMap<string, TenantSetting>) {}

  of(tenant: string): TenantSetting {
    return this.settings.get(tenant) ?? NOTHING;
  }
}
