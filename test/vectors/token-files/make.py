#!/usr/bin/env python3
"""Makes the token files beside it, and expected.json, which says what each holds.

Nothing here is Countersign's: PSKC is written by python-pskc 1.2 (Debian: python3-pskc), the encrypted exports of Aegis
and 2FAS by hashlib (scrypt, PBKDF2) and cryptography (AES-GCM). Each run draws new salts and IVs. The files
rfc6030-figure*.xml are the examples of RFC 6030 and are not made here.

    python3 make.py
"""
import base64, hashlib, json, os, uuid

import pskc
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PASSWORD = 'correct horse battery staple'
PRE_SHARED_KEY = bytes.fromhex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f')
BYTES = {'SHA1': 20, 'SHA256': 32, 'SHA512': 64}
PROFILES = [
    ('totp', 'SHA1', 6, 30, 0), ('totp', 'SHA1', 8, 60, 0), ('totp', 'SHA256', 8, 30, 0), ('totp', 'SHA512', 7, 30, 0),
    ('hotp', 'SHA1', 6, 30, 0), ('hotp', 'SHA1', 8, 30, 4711), ('hotp', 'SHA256', 6, 30, 1),
]
expected = {}


def tokens(prefix, serial=lambda prefix, n: '%s-%04d' % (prefix, n)):
    return [
        dict(serial=serial(prefix, n), type=kind, algorithm=algorithm, digits=digits, stepSeconds=step, counter=counter,
             seed_hex=hashlib.shake_256(('%s %d' % (prefix, n)).encode()).hexdigest(BYTES[algorithm]))
        for n, (kind, algorithm, digits, step, counter) in enumerate(PROFILES, 1)
    ]


def written(name, text, made_by, held, **opened_by):
    with open(name, 'w', newline='') as file:
        file.write(text)
    expected[name] = dict(made_by=made_by, **opened_by, tokens=held)


def pskc_file(name, held, set_up=lambda encryption: None, **opened_by):
    container = pskc.PSKC()
    for each in held:
        values = dict(
            id=each['serial'], serial=each['serial'], manufacturer='Example',
            algorithm='urn:ietf:params:xml:ns:keyprov:pskc:' + each['type'],
            algorithm_suite='HMAC-' + each['algorithm'], secret=bytes.fromhex(each['seed_hex']),
            response_length=each['digits'], response_encoding='DECIMAL')
        values.update(counter=each['counter']) if each['type'] == 'hotp' else values.update(
            time_interval=each['stepSeconds'], time_offset=0)
        container.add_key(**values)
    set_up(container.encryption)
    container.write(name)
    expected[name] = dict(made_by='python-pskc 1.2', **opened_by, tokens=held)


def gcm(key, plain):
    nonce = os.urandom(12)
    return nonce, AESGCM(key).encrypt(nonce, plain, None)


def base32(hexadecimal):
    return base64.b32encode(bytes.fromhex(hexadecimal)).decode().rstrip('=')


def aegis(held):
    return {'version': 3, 'entries': [
        {'type': each['type'], 'uuid': each['serial'], 'name': 'ada %d' % n, 'issuer': 'Example', 'note': '', 'icon': None,
         'favorite': False, 'groups': [],
         'info': {'secret': base32(each['seed_hex']), 'algo': each['algorithm'], 'digits': each['digits'],
                  **({'period': each['stepSeconds']} if each['type'] == 'totp' else {'counter': each['counter']})}}
        for n, each in enumerate(held, 1)], 'groups': []}


def aegis_files():
    of_uuid = lambda prefix, n: str(uuid.uuid5(uuid.NAMESPACE_URL, '%s %d' % (prefix, n)))
    held = tokens('aegis', of_uuid)
    plain = {'version': 1, 'header': {'slots': None, 'params': None}, 'db': aegis(held)}
    written('aegis-plain.json', json.dumps(plain, indent=1), 'by hand', held)
    master, salt = os.urandom(32), os.urandom(32)
    key = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)
    slot_nonce, slot = gcm(key, master)
    nonce, db = gcm(master, json.dumps(aegis(held)).encode())
    params = lambda nonce, sealed: {'nonce': nonce.hex(), 'tag': sealed[-16:].hex()}
    biometric = {'type': 2, 'uuid': str(uuid.uuid4()), 'key': '00' * 32, 'key_params': params(bytes(12), bytes(16))}
    vault = {'version': 1, 'header': {'slots': [biometric, {
        'type': 1, 'uuid': str(uuid.uuid4()), 'key': slot[:-16].hex(), 'key_params': params(slot_nonce, slot), 'n': 2**15,
        'r': 8, 'p': 1, 'salt': salt.hex(), 'repaired': True, 'is_backup': False}], 'params': params(nonce, db)},
        'db': base64.b64encode(db[:-16]).decode()}
    written('aegis-encrypted.json', json.dumps(vault, indent=1), 'hashlib scrypt, cryptography AES-GCM', held,
            password=PASSWORD)


def twofas_files():
    shown = lambda n: ['Example %d' % n, 'Example', 'ada', 1702934567518 + n]
    serial = lambda prefix, n: '2fas-' + hashlib.sha256(
        json.dumps(shown(n), separators=(',', ':')).encode()).hexdigest()[:20]
    held = tokens('2fas', serial)
    services = []
    for n, each in enumerate(held, 1):
        name, issuer, account, updated = shown(n)
        services.append({'name': name, 'secret': base32(each['seed_hex']), 'updatedAt': updated, 'otp': {
            'label': account, 'account': account, 'issuer': issuer, 'digits': each['digits'],
            'algorithm': each['algorithm'], 'tokenType': each['type'].upper(), 'source': 'Link',
            **({'period': each['stepSeconds']} if each['type'] == 'totp' else {'counter': each['counter']})},
            'order': {'position': n - 1}})
    head = {'groups': [], 'updatedAt': 1702934732299, 'schemaVersion': 4, 'appVersionCode': 5000009,
            'appVersionName': '5.1.0', 'appOrigin': 'android'}
    written('2fas-plain.2fas', json.dumps({'services': services, **head}), 'by hand', held)
    salt = os.urandom(256)
    key = hashlib.pbkdf2_hmac('sha256', PASSWORD.encode(), salt, 10000, 32)
    joined = lambda nonce, sealed: ':'.join(base64.b64encode(part).decode() for part in (sealed, salt, nonce))
    backup = {'services': [], **head, 'servicesEncrypted': joined(*gcm(key, json.dumps(services).encode())),
              'reference': joined(*gcm(key, b'reference'))}
    written('2fas-encrypted.2fas', json.dumps(backup), 'hashlib PBKDF2, cryptography AES-GCM', held, password=PASSWORD)


def csv_files():
    held = tokens('csv')
    moving = lambda each: each['stepSeconds'] if each['type'] == 'totp' else each['counter']
    rows = ['%s, %s, %s, %d, %d' % (each['serial'], each['seed_hex'], each['type'].upper(), each['digits'], moving(each))
            for each in held]
    written('privacyidea.csv', '# serial, seed, type, digits, step or counter\r\n' + '\r\n'.join(rows) + '\r\n',
            'by hand', held)
    keys = [dict(each, serial=serial, type='hotp', algorithm='SHA1', digits=digits, stepSeconds=30, counter=counter)
            for each, (serial, digits, counter) in zip(
                [each for each in tokens('yubico') if each['algorithm'] == 'SHA1'],
                [('ubnutkubcccc:1', 8, 65536), ('508326', 6, 0), ('1382042', 6, 0)])]
    traditional = 'OATH-HOTP,12/11/2013 11:10,1,ubnutkubcccc,,%s,,,0,0,0,8,65536,0,0,0,0,0'
    rows = ['LOGGING START,12/11/2013 11:09', traditional % keys[0]['seed_hex'],
            '508326,,0,%s,,2013-12-12T08:41:07,' % keys[1]['seed_hex'],
            '1382042,,0,%s,,2013-12-12T08:41:17,' % keys[2]['seed_hex']]
    written('yubico.csv', '\n'.join(rows) + '\n', 'by hand, as yubikey-personalization-gui logs', keys)


pskc_file('pskc-plain.xml', tokens('plain'))
pskc_file('pskc-aes128.xml', tokens('aes128'), lambda e: e.setup_preshared_key(key=PRE_SHARED_KEY[:16]),
          pre_shared_key_hex=PRE_SHARED_KEY[:16].hex())
pskc_file('pskc-aes256.xml', tokens('aes256'),
          lambda e: e.setup_preshared_key(key=PRE_SHARED_KEY, algorithm='aes256-cbc', fields=['secret', 'counter']),
          pre_shared_key_hex=PRE_SHARED_KEY.hex())
pskc_file('pskc-pbkdf2.xml', tokens('pbkdf2'),
          lambda e: e.setup_pbkdf2(PASSWORD, iterations=10000, algorithm='aes256-cbc', key_length=32,
                                   prf='hmac-sha256'), password=PASSWORD)
aegis_files()
twofas_files()
csv_files()
with open('expected.json', 'w') as file:
    json.dump(expected, file, indent=1)
