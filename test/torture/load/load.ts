import type { Chance } from '../chance/chance.js';
import { Actor, type Stage } from './actor.js';
import { playOne } from './stories/stories.js';

/** Plays stories, so many at once, until the end comes; resolves when each has come to its own end. */
export async function load(stage: Stage, atOnce: number, chance: Chance): Promise<void> {
  const play = async (number: number): Promise<void> => {
    const actor = new Actor(stage, chance.apart(`actor ${number}`));
    while (!stage.ending.came) await playOne(actor);
  };
  const all = Array.from({ length: atOnce }, (_, number) => play(number));
  try {
    await Promise.all(all);
  } catch (error) {
    stage.ending.now(); // a defect of a story: no use in going on
    await Promise.allSettled(all);
    throw error;
  }
}
