export * from './software-device.js';
