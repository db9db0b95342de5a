/**
 * What policy is made of: namespaces, workloads and policies in a normal form that knows no
 * manifest. A {@link dev.catwalk.acl.model.Selector} is a sealed tree, a {@link
 * dev.catwalk.acl.model.Rule} has an action, so that further kinds of policy become further
 * values, not further code paths. Nothing here decides a packet or names a kernel object. Begin at
 * {@link dev.catwalk.acl.model.Policy}.
 */
@NullMarked
package dev.catwalk.acl.model;

import org.jspecify.annotations.NullMarked;
