import { Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import type { Bus } from '@countersign/bus';
import { AccountNames, Directory, Ledger, Tenants } from '@countersign/ledger';
import { nodeScrypt } from '@countersign/pairing';
import type { Clock, Random } from '@countersign/runtime';
import { AccountsController } from './accounts/accounts.controller.js';
import { Accounts } from './accounts/accounts.js';
import { ChangeNames } from './accounts/change-names.js';
import { CreateAccount } from './accounts/create-account.js';
import { IssueActivation } from './activation/issue-activation.js';
import { RedeemActivation } from './activation/redeem-activation.js';
import { AttestController } from './attest/attest.controller.js';
import type { EnrollmentConfig } from './config.js';
import { FreshKeys } from './devices/fresh-keys.js';
import { KeyService } from './devices/key-service.js';
import { NewDevices } from './devices/new-devices.js';
import { Plans } from './devices/plans.js';
import { EraseAccount } from './erase/erase-account.js';
import { EraseController } from './erase/erase.controller.js';
import { BeginImport } from './import/begin-import.js';
import { ImportBatch } from './import/import-batch.js';
import { LifeController } from './life/life.controller.js';
import { METHODS } from './methods.js';
import { OpenPairing } from './pairing/open-pairing.js';
import { PairDevice } from './pairing/pair-device.js';
import { Sessions } from './pairing/sessions.js';
import { CLOCK, PUBLIC_KEYS, RANDOM, REPLICA, SCRYPT } from './parts.js';
import { PolicyController } from './policy/policy.controller.js';
import { TenantPolicy } from './policy/tenant-policy.js';
import { BeginRekey } from './rekey/begin-rekey.js';
import { RekeyController } from './rekey/rekey.controller.js';

/** What happens to devices and accounts after enrolment. */
const LIFE = [LifeController, RekeyController, AttestController, EraseController];

export interface EnrollmentParts {
  bus: Bus;
  clock: Clock;
  random: Random;
  ledger: Ledger;
  config: Pick<EnrollmentConfig, 'directoryIndex' | 'directoryNames' | 'publicKeys' | 'replicaName'>;
}

/** Decides who may hold a secret. The bus itself is injected by whoever serves this module. */
@Module({})
export class EnrollmentModule implements OnModuleDestroy {
  constructor(private readonly ledger: Ledger) {}

  static of({ bus, clock, random, ledger, config }: EnrollmentParts): DynamicModule {
    const parts = { bus, random, index: config.directoryIndex, names: config.directoryNames };
    return {
      module: EnrollmentModule,
      controllers: [AccountsController, PolicyController, ...LIFE, ...METHODS],
      providers: [
        { provide: Ledger, useValue: ledger },
        { provide: Directory, useValue: new Directory(parts) },
        { provide: AccountNames, useValue: new AccountNames(parts) },
        { provide: Tenants, useValue: new Tenants(ledger, clock) },
        { provide: CLOCK, useValue: clock },
        { provide: RANDOM, useValue: random },
        { provide: PUBLIC_KEYS, useValue: config.publicKeys },
        { provide: REPLICA, useValue: config.replicaName },
        { provide: SCRYPT, useValue: nodeScrypt },
        Accounts,
        BeginImport,
        BeginRekey,
        ChangeNames,
        CreateAccount,
        EraseAccount,
        FreshKeys,
        IssueActivation,
        ImportBatch,
        KeyService,
        NewDevices,
        OpenPairing,
        PairDevice,
        Plans,
        RedeemActivation,
        Sessions,
        TenantPolicy,
      ],
    };
  }

  onModuleDestroy(): Promise<void> {
    return this.ledger.close();
  }
}
