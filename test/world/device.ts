export { TestDevice as Device } from '@countersign/testkit';
