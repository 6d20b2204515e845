#!/usr/bin/env python3
"""Makes others.json: OCRA responses as two other implementations compute them, which must agree.

One is python-oath 1.4 (pip install oath). The other is the reference program of RFC 6287 appendix A: give the path of
its OCRA.java, whose class is public and has no package; it needs a JDK. It knows responses of up to 8 digits and
sessions of 64, 128, 256 and 512 bytes only.

    python3 make.py OCRA.java > others.json
"""
import hashlib, json, os, random, string, subprocess, sys, tempfile

from oath import _ocra

draw = random.Random(6287)
LETTERS = {'N': string.digits, 'A': string.digits + string.ascii_letters, 'H': string.hexdigits[:16]}
PIN = '1234'
SIZES = {'SHA1': 20, 'SHA256': 32, 'SHA512': 64}
SUITES = [
    'OCRA-1:HOTP-SHA1-4:QN04', 'OCRA-1:HOTP-SHA1-7:QH40', 'OCRA-1:HOTP-SHA1-8:QH64', 'OCRA-1:HOTP-SHA1-6:QA64',
    'OCRA-1:HOTP-SHA1-6:QN64', 'OCRA-1:HOTP-SHA256-6:QN10-T30S', 'OCRA-1:HOTP-SHA256-8:C-QA20-T48H',
    'OCRA-1:HOTP-SHA512-6:QH08-S064', 'OCRA-1:HOTP-SHA512-8:QN08-PSHA512-S128', 'OCRA-1:HOTP-SHA1-8:C-QN08-PSHA256-S512-T1M',
]
BOTH_QUESTIONS = ['OCRA-1:HOTP-SHA256-8:QA64', 'OCRA-1:HOTP-SHA1-6:QN64', 'OCRA-1:HOTP-SHA1-6:QH64']

MAIN = '''class Main { public static void main(String[] a) {
  System.out.print(OCRA.generateOCRA(a[0], a[1], a[2], a[3], a[4], a[5], a[6])); } }'''


def by_python(case):
    session = case.get('session_hex')
    suite = _ocra.str2ocrasuite(case['suite'])
    if session is not None:  # python-oath wants text of the very length
        session = bytes.fromhex(session).decode('latin1')
    return suite(bytes.fromhex(case['key_hex']), C=case.get('counter'), Qsc=case['question'], S=session,
                 P=PIN, T_precomputed=case.get('step'))


def by_java(case, folder):
    kind, question = case['suite'].split('Q')[1][0], case['question']
    as_hex = {'N': lambda: '%x' % int(question), 'H': lambda: question, 'A': lambda: question.encode().hex()}[kind]()
    given = ['%x' % case.get('counter', 0), as_hex, case.get('pin_hash_hex', ''), case.get('session_hex', ''),
             '%x' % case.get('step', 0)]
    return subprocess.run(['java', '-cp', folder, 'Main', case['suite'], case['key_hex'], *given], check=True,
                          capture_output=True, text=True).stdout


def case_of(suite, mutual=False, n=0):
    crypto, data = suite.split(':')[1:]
    algorithm = crypto.split('-')[1]
    case = dict(suite=suite, key_hex=hashlib.shake_256(('%s %d' % (suite, n)).encode()).hexdigest(SIZES[algorithm]))
    for part in data.split('-'):
        if part == 'C':
            case['counter'] = draw.choice([0, 1, 2 ** 32 + 1, 2 ** 53 - 1])
        elif part[0] == 'Q':
            case['question'] = ''.join(draw.choice(LETTERS[part[1]]) for _ in range(int(part[2:]) * (2 if mutual else 1)))
        elif part[0] == 'P':
            case['pin_hash_hex'] = hashlib.new(part[1:].lower(), PIN.encode()).hexdigest()
        elif part[0] == 'S':
            case['session_hex'] = ''.join('%02x' % draw.randrange(128) for _ in range(int(part[1:])))
        elif part[0] == 'T':
            case['step'] = draw.choice([0, 55_000_000, 2 ** 40])
    return case


with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, 'Main.java'), 'w') as main:
        main.write(MAIN)
    subprocess.run(['javac', '-nowarn', '-d', folder, sys.argv[1], os.path.join(folder, 'Main.java')], check=True)
    cases = [case_of(suite, n=n) for suite in SUITES for n in range(3)]
    cases += [case_of(suite, mutual=True, n=n) for suite in BOTH_QUESTIONS for n in range(2)]
    for case in cases:
        case['response'] = by_java(case, folder)
        if by_python(case) != case['response']:
            sys.exit('they do not agree on %s' % json.dumps(case))

made_by = ['python-oath 1.4.5', 'the program of RFC 6287 appendix A, OpenJDK 17']
json.dump(dict(standard='RFC 6287', made_by=made_by, vectors=cases), sys.stdout, indent=1)
print()
