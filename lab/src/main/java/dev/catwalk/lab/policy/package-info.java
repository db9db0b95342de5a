/**
 * Policy cases to be played on the real kernel: {@link dev.catwalk.lab.policy.PolicyCase} is one as
 * its file has it, {@link dev.catwalk.lab.policy.Sample} picks some, {@link
 * dev.catwalk.lab.policy.Placement} gives every name of a case its place in the lab, {@link
 * dev.catwalk.lab.policy.CaseManifests} writes what is applied. Pure: no namespace, process or clock
 * is known here.
 */
@NullMarked
package dev.catwalk.lab.policy;

import org.jspecify.annotations.NullMarked;
