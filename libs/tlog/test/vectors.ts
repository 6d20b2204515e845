import { readFileSync } from 'node:fs';

type Inclusion = { index: number; size: number; proof: string[] };
type Consistency = { older: number; newer: number; proof: string[] };

/** What Go's packages say; how it was made stands in the file. Hashes are base64 where no name says otherwise. */
export interface GoVectors {
  ct: { leaves_hex: string[]; roots_hex: string[]; inclusion: Inclusion[]; consistency: Consistency[] };
  large: {
    roots: { size: number; root: string }[];
    inclusion: Inclusion[];
    consistency: Consistency[];
    tiles: { path: string; sha256: string }[];
  };
  tiles_added: { older: number; newer: number; paths: string[] }[];
  paths: { level: number; index: number; width: number; path: string }[];
  keys: Record<'log' | 'bob' | 'eve' | 'witness', { seed: string; verifier: string }>;
  note: { text: string; note: string };
  checkpoint: { origin: string; size: number; root: string; cosigned_at_seconds: number; note: string };
  peter_neumann: { verifier: string; note: string };
}

export const go = JSON.parse(
  readFileSync(new URL('../../../test/vectors/tlog-go.json', import.meta.url), 'utf8'),
) as GoVectors;

/** The examples in the texts of the specifications (c2sp.org); their public keys are not told. */
export const c2sp = {
  note: `Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`,
  cosigned: `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`,
};
