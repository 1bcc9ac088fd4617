/**
 * The rules an input of a Sails action may name beside its type. Each says why a value does not fit.
 */
import { isPlain } from '../config/layers.ts'

type Rule = (value: unknown, setting: unknown) => string | undefined

const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const colour = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i
const address = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i

const text = (pattern: RegExp, words: string): Rule => {
  return (value) => (pattern.test(String(value)) ? undefined : words)
}

const is = (fits: (value: unknown) => boolean, words: string): Rule => {
  return (value) => (fits(value) ? undefined : words)
}

/** By name. */
export const rules: Readonly<Record<string, Rule>> = {
  isIn: (value, list) =>
    Array.isArray(list) && list.includes(value) ? undefined : `is none of ${[list].join(', ')}`,
  isNotIn: (value, list) =>
    Array.isArray(list) && list.includes(value) ? `is one of ${list.join(', ')}` : undefined,
  min: (value, least) => (Number(value) >= Number(least) ? undefined : `is below ${least}`),
  max: (value, most) => (Number(value) <= Number(most) ? undefined : `is above ${most}`),
  minLength: (value, least) =>
    lengthOf(value) >= Number(least) ? undefined : `is shorter than ${least}`,
  maxLength: (value, most) =>
    lengthOf(value) <= Number(most) ? undefined : `is longer than ${most}`,
  regex: (value, pattern) =>
    pattern instanceof RegExp &&
    new RegExp(pattern, pattern.flags.replace(/[gy]/g, '')).test(String(value))
      ? undefined
      : `does not match ${pattern}`,
  isEmail: text(email, 'is no email address'),
  isUUID: text(uuid, 'is no UUID'),
  isHexColor: text(colour, 'is no colour'),
  isIP: text(address, 'is no IP address'),
  isURL: is((value) => URL.canParse(String(value)), 'is no URL'),
  isInteger: is(Number.isInteger, 'is no whole number'),
  isNumber: is((value) => typeof value === 'number', 'is no number'),
  isString: is((value) => typeof value === 'string', 'is no text'),
  isBoolean: is((value) => typeof value === 'boolean', 'is neither true nor false'),
  isNotEmptyString: is((value) => typeof value === 'string' && value !== '', 'is empty'),
  isAfter: (value, date) =>
    timeOf(value) > timeOf(date) ? undefined : `is not after ${String(date)}`,
  isBefore: (value, date) =>
    timeOf(value) < timeOf(date) ? undefined : `is not before ${String(date)}`,
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return isPlain(value) ? Object.keys(value).length : 0
}

function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : new Date(value as string | number).getTime()
}
