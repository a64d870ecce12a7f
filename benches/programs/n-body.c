/* Five bodies under gravity.  Structs of structs go in and come out of functions by value; no memory is allocated. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

typedef struct { double x, y, z; } Vector;
typedef struct { Vector place, speed; double mass; } Body;
typedef struct { Body sun, jupiter, saturn, uranus, neptune; } System;
typedef struct { Body a, b; } Pair;

static Vector vector(double x, double y, double z) { return (Vector){x, y, z}; }
static Vector add(Vector a, Vector b) { return vector(a.x + b.x, a.y + b.y, a.z + b.z); }
static Vector subtract(Vector a, Vector b) { return vector(a.x - b.x, a.y - b.y, a.z - b.z); }
static Vector scale(Vector a, double k) { return vector(a.x * k, a.y * k, a.z * k); }
static double dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

static Body planet(Vector place, Vector daily, double mass)
{
    return (Body){place, scale(daily, 365.24), mass * 39.47841760435743};
}

static System start(void)
{
    return (System){
        planet(vector(0.0, 0.0, 0.0), vector(0.0, 0.0, 0.0), 1.0),
        planet(vector(4.84143144246472090, -1.16032004402742839, -0.103622044471123109),
               vector(0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023), 0.000954791938424326609),
        planet(vector(8.34336671824457987, 4.12479856412430479, -0.403523417114321381),
               vector(-0.00276742510726411, 0.00499852801234917238, 0.0000230417297573763929), 0.000285885980666130812),
        planet(vector(12.8943695621391310, -15.1111514016986312, -0.223307578892655734),
               vector(0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556), 0.0000436624404335156298),
        planet(vector(15.3796971148509165, -25.9193146099879641, 0.179258772950371181),
               vector(0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870), 0.0000515138902046611451),
    };
}

/* The sun moves against all others, so that the whole stays where it is. */
static System balance(System s)
{
    Vector p = add(add(scale(s.jupiter.speed, s.jupiter.mass), scale(s.saturn.speed, s.saturn.mass)),
                   add(scale(s.uranus.speed, s.uranus.mass), scale(s.neptune.speed, s.neptune.mass)));
    return (System){{s.sun.place, scale(p, -1.0 / s.sun.mass), s.sun.mass}, s.jupiter, s.saturn, s.uranus, s.neptune};
}

static Pair attract(Body a, Body b, double dt)
{
    Vector d = subtract(a.place, b.place);
    double squared = dot(d, d);
    double k = dt / (squared * sqrt(squared));
    return (Pair){{a.place, subtract(a.speed, scale(d, b.mass * k)), a.mass},
                  {b.place, add(b.speed, scale(d, a.mass * k)), b.mass}};
}

static Body move(Body b, double dt) { return (Body){add(b.place, scale(b.speed, dt)), b.speed, b.mass}; }

static System advance(System s, double dt)
{
    Pair sj = attract(s.sun, s.jupiter, dt);
    Pair ss = attract(sj.a, s.saturn, dt);
    Pair su = attract(ss.a, s.uranus, dt);
    Pair sn = attract(su.a, s.neptune, dt);
    Pair js = attract(sj.b, ss.b, dt);
    Pair ju = attract(js.a, su.b, dt);
    Pair jn = attract(ju.a, sn.b, dt);
    Pair ru = attract(js.b, ju.b, dt);
    Pair rn = attract(ru.a, jn.b, dt);
    Pair un = attract(ru.b, rn.b, dt);
    return (System){move(sn.a, dt), move(jn.a, dt), move(rn.a, dt), move(un.a, dt), move(un.b, dt)};
}

static System simulate(System s, int64_t steps, double dt)
{
    for (; steps != 0; steps--) s = advance(s, dt);
    return s;
}

static double potential(Body a, Body b)
{
    Vector d = subtract(a.place, b.place);
    return a.mass * b.mass / sqrt(dot(d, d));
}

static double kinetic(Body b) { return 0.5 * b.mass * dot(b.speed, b.speed); }

static double energy(System s)
{
    return kinetic(s.sun) + kinetic(s.jupiter) + kinetic(s.saturn) + kinetic(s.uranus) + kinetic(s.neptune)
        - potential(s.sun, s.jupiter) - potential(s.sun, s.saturn) - potential(s.sun, s.uranus) - potential(s.sun, s.neptune)
        - potential(s.jupiter, s.saturn) - potential(s.jupiter, s.uranus) - potential(s.jupiter, s.neptune)
        - potential(s.saturn, s.uranus) - potential(s.saturn, s.neptune) - potential(s.uranus, s.neptune);
}

int main(void)
{
    System s = balance(start());
    printf("%.9f\n", energy(s));
    printf("%.9f\n", energy(simulate(s, 5000000, 0.001)));
    return 0;
}
