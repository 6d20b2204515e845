import type { KeyProfile, Profile } from '@countersign/contracts';

/** The profile of a key that comes after another one: the same, and nothing of it is used. */
export function fromTheStart(profile: KeyProfile): Profile {
  if (profile.type === 'recovery' || profile.type === 'sheet') throw new Error('no key comes after that of a sheet');
  return { ...profile, counter: 0 };
}
