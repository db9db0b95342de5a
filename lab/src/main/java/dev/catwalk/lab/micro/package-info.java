/** JMH benchmarks of pure rooms: each alone, without sockets and without another thread. */
@NullMarked
package dev.catwalk.lab.micro;

import org.jspecify.annotations.NullMarked;
