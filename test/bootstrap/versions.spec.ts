import { expect, test } from '@jest/globals';
import { atLeast, refusalOfNode, versionIn } from '../../deploy/bootstrap/versions.mjs';

test.each([
  ['nats-server: v2.10.27', '2.10.27'],
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', '7.0.15'],
  ['5:7.0.15-1~deb12u10', '7.0.15'],
  ['2.6.1\n', '2.6.1'],
  ['oathtool (OATH Toolkit) 2.6.7', '2.6.7'],
  ['pskc2csv (python-pskc) 1.2', '1.2'],
  ['no number', undefined],
])('the version in %j is %s', (text, version) => expect(versionIn(text)).toBe(version));

test.each([
  ['2.10.27', '2.10.23', true],
  ['2.10.23', '2.10.23', true],
  ['2.9.25', '2.10.23', false],
  ['2.11.0', '2.10.23', true],
  ['7.0', '6.2', true],
  ['20.9.0', '20.11', false],
  ['20.11.0', '20.11', true],
])('%s against at least %s: %s', (version, minimum, enough) => expect(atLeast(version, minimum)).toBe(enough));

test('an old Node is told what it is and what is needed', () => {
  expect(refusalOfNode('18.19.0', '20.11')).toMatch(/20\.11 or newer.*18\.19\.0/);
  expect(refusalOfNode('22.1.0', '20.11')).toBeUndefined();
});
