import type { KeyProfile, Profile } from '@countersign/contracts';

/** The profile of a key that comes after another one: the same, and nothing of it is used. */
export function fromTheStart(profile: KeyProfile): Profile {
  if (profile.type === 'recovery') throw new Error('no key comes after that of a recovery sheet');
  return { ...profile, counter: 0 };
}
