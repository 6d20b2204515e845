// node test/tlog/speed.mjs [LEAVES]: how long a verifier takes on one core, over what `npm run build` made.
import { GrowingTiles, GrowingTree, leafHash } from '@countersign/tlog';

const LEAF_BYTES = 500; // of an event, about
const leaves = Number(process.argv[2] ?? 1_000_000);
const leaf = Buffer.alloc(LEAF_BYTES);

for (const [what, tree] of /** @type {const} */ ([
  ['root', new GrowingTree()],
  ['root and tiles', new GrowingTiles()],
])) {
  const from = process.cpuUsage();
  for (let at = 0; at < leaves; at += 1) {
    leaf.writeDoubleBE(at);
    tree.append(leafHash(leaf));
  }
  tree.root();
  const { user, system } = process.cpuUsage(from);
  const seconds = (user + system) / 1e6;
  console.log(`${what}: ${leaves} leaves in ${seconds.toFixed(1)} s of processor time`);
}
