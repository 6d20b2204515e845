export * from './over-caller.js';
export * from './software-device.js';
