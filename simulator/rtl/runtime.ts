/**
 * Helpers for words wider than 64 bits, in linear memory as 64-bit limbs. WebAssembly text; binaryen makes the module
 * of a design by adding functions to this one.
 */

export const runtimeText = `(module
  (memory $0 1)
  ;; limb i of the n limbs at src; below 0: zeros, past the end: fill
  (func $limb (param $src i32) (param $n i64) (param $i i64) (param $fill i64) (result i64)
    (if (i64.lt_s (local.get $i) (i64.const 0)) (then (return (i64.const 0))))
    (if (i64.ge_s (local.get $i) (local.get $n)) (then (return (local.get $fill))))
    (i64.load (i32.add (local.get $src) (i32.shl (i32.wrap_i64 (local.get $i)) (i32.const 3)))))
  ;; dst (dn limbs) = src (sn limbs, then fill) shifted right by amount, left where that is negative
  (func $shift (param $dst i32) (param $dn i32) (param $src i32) (param $sn i32) (param $amount i64) (param $fill i64)
    (local $i i32) (local $at i64) (local $bit i64) (local $n i64) (local $low i64)
    (local.set $n (i64.extend_i32_u (local.get $sn)))
    (local.set $bit (i64.and (local.get $amount) (i64.const 63)))
    (local.set $at (i64.shr_s (local.get $amount) (i64.const 6)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $i) (local.get $dn)))
      (local.set $low (i64.shr_u
        (call $limb (local.get $src) (local.get $n) (local.get $at) (local.get $fill)) (local.get $bit)))
      (if (i64.ne (local.get $bit) (i64.const 0)) (then
        (local.set $low (i64.or (local.get $low) (i64.shl
          (call $limb (local.get $src) (local.get $n) (i64.add (local.get $at) (i64.const 1)) (local.get $fill))
          (i64.sub (i64.const 64) (local.get $bit)))))))
      (i64.store (i32.add (local.get $dst) (i32.shl (local.get $i) (i32.const 3))) (local.get $low))
      (local.set $at (i64.add (local.get $at) (i64.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))))
  ;; dst = a * b, all of n limbs, in digits of 32 bits; dst is neither a nor b
  (func $multiply (param $dst i32) (param $a i32) (param $b i32) (param $n i32)
    (local $i i32) (local $j i32) (local $digits i32) (local $carry i64) (local $x i64) (local $at i32)
    (local.set $digits (i32.shl (local.get $n) (i32.const 1)))
    (memory.fill (local.get $dst) (i32.const 0) (i32.shl (local.get $n) (i32.const 3)))
    (block $end (loop $rows
      (br_if $end (i32.ge_u (local.get $i) (local.get $digits)))
      (local.set $x (i64.load32_u (i32.add (local.get $a) (i32.shl (local.get $i) (i32.const 2)))))
      (local.set $j (i32.const 0))
      (local.set $carry (i64.const 0))
      (block $row (loop $columns
        (br_if $row (i32.ge_u (i32.add (local.get $i) (local.get $j)) (local.get $digits)))
        (local.set $at (i32.add (local.get $dst) (i32.shl (i32.add (local.get $i) (local.get $j)) (i32.const 2))))
        (local.set $carry (i64.add (i64.add
          (i64.mul (local.get $x) (i64.load32_u (i32.add (local.get $b) (i32.shl (local.get $j) (i32.const 2)))))
          (i64.load32_u (local.get $at))) (local.get $carry)))
        (i64.store32 (local.get $at) (local.get $carry))
        (local.set $carry (i64.shr_u (local.get $carry) (i64.const 32)))
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br $columns)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $rows))))
  ;; quotient and remainder of unsigned n-limb words, bit by bit; both 0 when b is 0. work: n limbs
  (func $divide (param $q i32) (param $r i32) (param $a i32) (param $b i32) (param $n i32)
    (local $bit i32) (local $k i32) (local $carry i64) (local $x i64) (local $y i64) (local $less i32) (local $any i64)
    (memory.fill (local.get $q) (i32.const 0) (i32.shl (local.get $n) (i32.const 3)))
    (memory.fill (local.get $r) (i32.const 0) (i32.shl (local.get $n) (i32.const 3)))
    (local.set $k (i32.const 0))
    (loop $see
      (local.set $any (i64.or (local.get $any) (i64.load (i32.add (local.get $b) (i32.shl (local.get $k) (i32.const 3))))))
      (local.set $k (i32.add (local.get $k) (i32.const 1)))
      (br_if $see (i32.lt_u (local.get $k) (local.get $n))))
    (if (i64.eqz (local.get $any)) (then (return)))
    (local.set $bit (i32.shl (local.get $n) (i32.const 6)))
    (block $end (loop $bits
      (br_if $end (i32.eqz (local.get $bit)))
      (local.set $bit (i32.sub (local.get $bit) (i32.const 1)))
      ;; r = r << 1 | bit of a
      (local.set $carry (i64.and (i64.const 1) (i64.shr_u
        (i64.load (i32.add (local.get $a) (i32.shl (i32.shr_u (local.get $bit) (i32.const 6)) (i32.const 3))))
        (i64.extend_i32_u (i32.and (local.get $bit) (i32.const 63))))))
      (local.set $k (i32.const 0))
      (loop $shifting
        (local.set $x (i64.load (i32.add (local.get $r) (i32.shl (local.get $k) (i32.const 3)))))
        (i64.store (i32.add (local.get $r) (i32.shl (local.get $k) (i32.const 3)))
          (i64.or (i64.shl (local.get $x) (i64.const 1)) (local.get $carry)))
        (local.set $carry (i64.shr_u (local.get $x) (i64.const 63)))
        (local.set $k (i32.add (local.get $k) (i32.const 1)))
        (br_if $shifting (i32.lt_u (local.get $k) (local.get $n))))
      ;; r < b ? (a remainder that lost its top bit is not less)
      (local.set $less (i32.const 0))
      (if (i64.eqz (local.get $carry)) (then
        (local.set $k (local.get $n))
        (block $decided (loop $comparing
          (br_if $decided (i32.eqz (local.get $k)))
          (local.set $k (i32.sub (local.get $k) (i32.const 1)))
          (local.set $x (i64.load (i32.add (local.get $r) (i32.shl (local.get $k) (i32.const 3)))))
          (local.set $y (i64.load (i32.add (local.get $b) (i32.shl (local.get $k) (i32.const 3)))))
          (br_if $comparing (i64.eq (local.get $x) (local.get $y)))
          (local.set $less (i64.lt_u (local.get $x) (local.get $y)))))))
      (if (i32.eqz (local.get $less)) (then
        (local.set $k (i32.const 0))
        (local.set $carry (i64.const 0))
        (loop $subtracting
          (local.set $x (i64.load (i32.add (local.get $r) (i32.shl (local.get $k) (i32.const 3)))))
          (local.set $y (i64.load (i32.add (local.get $b) (i32.shl (local.get $k) (i32.const 3)))))
          (i64.store (i32.add (local.get $r) (i32.shl (local.get $k) (i32.const 3)))
            (i64.sub (i64.sub (local.get $x) (local.get $y)) (local.get $carry)))
          (local.set $carry (i64.extend_i32_u (i32.or (i64.lt_u (local.get $x) (local.get $y))
            (i32.and (i64.eq (local.get $x) (local.get $y)) (i64.ne (local.get $carry) (i64.const 0))))))
          (local.set $k (i32.add (local.get $k) (i32.const 1)))
          (br_if $subtracting (i32.lt_u (local.get $k) (local.get $n))))
        (local.set $k (i32.shl (i32.shr_u (local.get $bit) (i32.const 6)) (i32.const 3)))
        (i64.store (i32.add (local.get $q) (local.get $k)) (i64.or
          (i64.load (i32.add (local.get $q) (local.get $k)))
          (i64.shl (i64.const 1) (i64.extend_i32_u (i32.and (local.get $bit) (i32.const 63))))))))
      (br $bits))))
  ;; base to the exponent, modulo 2^64. A negative exponent leaves 0, but for bases 1 and minus (-1, or 1 where there is none)
  (func $power (param $base i64) (param $exponent i64) (param $minus i64) (param $signed i32) (result i64)
    (local $result i64)
    (local.set $result (i64.const 1))
    (if (i32.and (local.get $signed) (i64.lt_s (local.get $exponent) (i64.const 0))) (then
      (if (i64.eq (local.get $base) (i64.const 1)) (then (return (i64.const 1))))
      (if (i64.ne (local.get $base) (local.get $minus)) (then (return (i64.const 0))))
      (return (select (local.get $base) (i64.const 1) (i32.wrap_i64 (i64.and (local.get $exponent) (i64.const 1)))))))
    (block $done (loop $next
      (br_if $done (i64.eqz (local.get $exponent)))
      (if (i32.wrap_i64 (i64.and (local.get $exponent) (i64.const 1))) (then
        (local.set $result (i64.mul (local.get $result) (local.get $base)))))
      (local.set $base (i64.mul (local.get $base) (local.get $base)))
      (local.set $exponent (i64.shr_u (local.get $exponent) (i64.const 1)))
      (br $next)))
    (local.get $result))
)`;
