import type { OcraQuestionReply, OcraQuestionRequest } from '@countersign/contracts';
import type { HsmDriver } from '../driver/hsm-driver.js';
import { keyOf } from './match.js';
import { OcraExchange } from './ocra.js';

/**
 * What an OCRA device is asked and, where it asked first, the platform's response. This is no way to the device's own: the
 * platform's data input begins with another suite, and the key is one that was made for just these two. Throws HsmTrouble.
 */
export async function ocraQuestion(hsm: HsmDriver, request: OcraQuestionRequest): Promise<OcraQuestionReply> {
  const exchange = new OcraExchange(request, request.ocra);
  const { unfit, question } = exchange;
  if (unfit !== undefined) return { kind: 'unfit', why: unfit };
  const platform = exchange.platform();
  if (platform === undefined) return { kind: 'question', question };
  const answer = await hsm.mac(keyOf(request), platform.message);
  if (answer.kind === 'unknown-key') return answer;
  return { kind: 'question', question, response: platform.shows(answer.mac) };
}
