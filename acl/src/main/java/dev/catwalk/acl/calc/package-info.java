/**
 * The compiler: from what the cluster is to what each endpoint of this node must do. A {@link
 * dev.catwalk.acl.calc.Program} is an ordered list of rules that refer to {@link
 * dev.catwalk.acl.calc.AddressSet}s by ids derived from what the sets mean, so that programs stay
 * the same while members come and go. Output depends on the state, never on how it came about;
 * what cannot be resolved matches nothing. Knows the model; knows no interface, chain or kernel.
 * Begin at {@link dev.catwalk.acl.calc.Calculator}.
 */
@NullMarked
package dev.catwalk.acl.calc;

import org.jspecify.annotations.NullMarked;
