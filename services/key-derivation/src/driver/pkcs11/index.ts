export * from './pkcs11-driver.js';
export { WrongToken } from './masters.js';
