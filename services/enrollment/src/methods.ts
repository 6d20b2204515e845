import type { Type } from '@nestjs/common';
import { ActivationController } from './activation/activation.controller.js';
import { ExchangeController } from './exchange/exchange.controller.js';
import { ImportController } from './import/import.controller.js';
import { PairingController } from './pairing/pairing.controller.js';
import { RecoveryController } from './recovery/recovery.controller.js';
import { ReplaceController } from './replace/replace.controller.js';
import { SheetsController } from './sheets/sheets.controller.js';

/** Every way in which a device and the platform come to share a secret: a folder each, and one line here. */
export const METHODS: Type[] = [
  ActivationController,
  ExchangeController,
  ImportController,
  PairingController,
  RecoveryController,
  ReplaceController,
  SheetsController,
];
