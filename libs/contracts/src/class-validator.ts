import { createRequire } from 'node:module';
import type * as ClassValidator from 'class-validator';

/**
 * The parts of class-validator in use, each from its own file: its index loads a hundred validators and a library of
 * telephone numbers, a tenth of a second in the start of every service and every command. The files keep one shared
 * store of metadata, so that decorators taken from the index count as well.
 */
const require = createRequire(import.meta.url);
const part = <Name extends keyof typeof ClassValidator>(folder: string, name: Name): (typeof ClassValidator)[Name] =>
  (require(`class-validator/cjs/${folder}/${name}.js`) as typeof ClassValidator)[name];

export const ArrayMaxSize = part('decorator/array', 'ArrayMaxSize');
export const ArrayMinSize = part('decorator/array', 'ArrayMinSize');
export const ArrayUnique = part('decorator/array', 'ArrayUnique');
export const IsArray = part('decorator/typechecker', 'IsArray');
export const IsBoolean = part('decorator/typechecker', 'IsBoolean');
export const IsIn = part('decorator/common', 'IsIn');
export const IsInt = part('decorator/typechecker', 'IsInt');
export const IsObject = part('decorator/typechecker', 'IsObject');
export const Length = part('decorator/string', 'Length');
export const Matches = part('decorator/string', 'Matches');
export const Max = part('decorator/number', 'Max');
export const Min = part('decorator/number', 'Min');
export const ValidateIf = part('decorator/common', 'ValidateIf');
export const ValidateNested = part('decorator/common', 'ValidateNested');
export const ValidationTypes = part('validation', 'ValidationTypes');
export const { getMetadataStorage } =
  require('class-validator/cjs/metadata/MetadataStorage.js') as typeof ClassValidator;
